"""The history of an account: its lines in words, what people narrow it by, its page and files. Who writes the rows is audit."""
