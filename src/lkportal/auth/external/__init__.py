"""People whom somebody else vouches for: a provider, a directory, the company's own system. Keyed by who says so and whom they mean."""
