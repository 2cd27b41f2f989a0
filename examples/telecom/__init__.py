"""The portal of an internet, television and mobile company: its brand, its files, its people."""
