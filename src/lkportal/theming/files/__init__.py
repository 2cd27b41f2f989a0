"""Files of a brand as browsers get them: stylesheet, fonts, icons, manifest, under hashed names."""
