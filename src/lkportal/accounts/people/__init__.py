"""People of an account: who decides about it, invitations, groups, what is switched off, their pages and letters."""
