"""Tests of accounts: stories of people and their accounts on both databases."""
