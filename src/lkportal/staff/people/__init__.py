"""The company's people: hired, kept out, let in; their roles and what a role may do; how a new one comes in."""
