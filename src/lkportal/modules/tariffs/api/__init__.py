"""Services in the open API: the calls, and what goes in and comes out of them."""
