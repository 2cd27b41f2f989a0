"""Second factors: the second step of a sign-in, fresh proofs, authenticator apps, recovery codes."""
