"""The page of effects: each event with what follows from it, the work that comes back by itself, and what failed for good."""
