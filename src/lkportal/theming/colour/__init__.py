"""Colours: arithmetic, roles, pairs that must be readable, repair, series of charts."""
