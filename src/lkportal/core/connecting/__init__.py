"""What connectors have in common: what waits to be told to another system, the round that tells and asks, how it went."""
