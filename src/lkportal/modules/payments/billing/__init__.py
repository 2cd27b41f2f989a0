"""What billing sends: charges and debt registries, read row by row and taken set by set."""
