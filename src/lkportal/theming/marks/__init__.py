"""Marks of a brand: logos made safe, monograms, the sprite of icons, heads of letters."""
