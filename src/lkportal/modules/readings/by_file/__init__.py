"""Readings by file: a company with many accounts sends all its meters in one table, sees what would become of each row, confirms."""
