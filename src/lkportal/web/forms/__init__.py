"""Forms: from the bytes of a body to a checked model, with what was typed kept."""
