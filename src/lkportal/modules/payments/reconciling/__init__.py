"""Reconciliation: what a provider says of a day beside what the books say, differences kept until a person has dealt with them."""
