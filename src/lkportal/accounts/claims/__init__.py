"""Claims: an account found by its number and a proof, limits against guessing, codes that prove it."""
