"""Signatures by certificates: the company's seal inside a PDF, files that customers made with means of their own."""
