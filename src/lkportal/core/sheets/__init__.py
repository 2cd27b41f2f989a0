"""Spreadsheets: those that leave, and those that strangers bring."""
