"""Evidence of documents: the chained history, the package, the verifier that needs nothing but Python."""
