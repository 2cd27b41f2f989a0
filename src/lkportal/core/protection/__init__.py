"""What is kept of people and how it is protected: declarations, terms, masks, encryption."""
