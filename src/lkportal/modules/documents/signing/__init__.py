"""Simple signatures: the agreement that makes them count, one-time codes bound to the bytes, the act of signing."""
