"""Files of documents: what is taken, pictures of their pages, how they are kept and given."""
