"""Templates: the chain of folders a page is made from, how it is loaded, compiled and overridden."""
