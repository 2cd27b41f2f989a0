"""How often something may be done: in one process, and shared by all."""
