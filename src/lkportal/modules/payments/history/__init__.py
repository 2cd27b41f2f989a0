"""History of an account's money: every operation with its state, whoever and whatever made it."""
