"""Help at the desk: articles with what readers said of them, writing, sections."""
