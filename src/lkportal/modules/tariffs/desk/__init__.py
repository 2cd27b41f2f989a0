"""Pages of the company about services: the queue of orders."""
