"""A customer's search over what is theirs: the page, and what accounts bring to it. How words are read lives in core.search."""
