"""The portal of a water company: its brand, its files, its people."""
