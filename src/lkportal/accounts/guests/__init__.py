"""Guests: signed links that let their holder do one thing about an account without registering."""
