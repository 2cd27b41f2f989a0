"""Several accounts in one payment: what a person chooses, the order that comes of it, its page."""
