"""Promotions: dated offers to a segment, a plan or an addon for less money for some months."""
