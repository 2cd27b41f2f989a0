"""What the examples share: writing a company's files, importing them, and the people of a demo. Each example has its own data."""
