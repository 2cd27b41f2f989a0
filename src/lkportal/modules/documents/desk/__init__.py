"""Documents at the desk: what waits, one document with answering and versions, publishing for an account."""
