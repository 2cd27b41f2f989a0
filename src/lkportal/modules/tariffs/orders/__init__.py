"""Orders: what an act costs and when it takes effect, placing, carrying out."""
