"""Migrations of every room and module: run, written, judged."""
