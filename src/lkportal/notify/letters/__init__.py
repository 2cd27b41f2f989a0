"""What a letter says and the links at its foot."""
