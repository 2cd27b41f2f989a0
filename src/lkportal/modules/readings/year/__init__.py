"""The months of an account: the calendar of windows, what was used beside last year and similar homes, files to take away."""
