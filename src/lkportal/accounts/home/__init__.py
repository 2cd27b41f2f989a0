"""The pages of an account as a whole: cards and sections, how a person arranges them, the switcher."""
