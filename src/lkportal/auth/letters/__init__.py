"""What begins with a letter: asking for access, confirming it, a new password for who lost theirs."""
