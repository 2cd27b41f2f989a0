"""Ties with other systems, each a module of its own: they know modules by contracts and import kinds alone, and nobody imports them."""
