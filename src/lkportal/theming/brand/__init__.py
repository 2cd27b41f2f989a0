"""The brand book: read, checked, changed at the desk; its files and its words."""
