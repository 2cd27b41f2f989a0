"""Letters that come back: reports of mail servers and of readers are read, and what they mean for an address is kept."""
