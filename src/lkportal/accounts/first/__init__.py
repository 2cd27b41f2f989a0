"""The first visit: its steps, how a person stands with them, its page."""
