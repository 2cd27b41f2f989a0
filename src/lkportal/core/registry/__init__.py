"""From settings and installed modules to one table of everything they bring, and what staff changed of it since."""
