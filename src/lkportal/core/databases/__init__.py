"""What lies under `core.db`: engines, connections, locks, prepared statements, rights of a database role."""
