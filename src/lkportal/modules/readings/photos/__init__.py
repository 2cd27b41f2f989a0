"""Photos of dials: drawn anew in a process of their own, kept as evidence, seen by the account's people and the company's."""
