"""What judges the source and the pages of a module: its texts, the outline of a page, Python read as syntax."""
