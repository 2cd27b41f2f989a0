"""The desk's page of connections: how each tie with another system stands, what waits, what was refused, trying now."""
