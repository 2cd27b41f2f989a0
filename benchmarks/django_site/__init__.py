"""The same dashboard as a Django project over the same tables, written as Django's documentation advises (docs/adr/0021)."""
