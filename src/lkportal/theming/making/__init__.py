"""What is made of a brand book at the command line: a report, files, tokens, advice after an upgrade; or a book made of a logo."""
