"""Saved methods and autopay: what a payer let us keep, and what is paid with it without asking each time."""
