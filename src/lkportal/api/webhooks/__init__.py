"""Webhooks out, by Standard Webhooks: systems of the company are told of events at addresses they gave."""
