"""Template tags of the Django subject."""
