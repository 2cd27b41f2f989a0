"""Sign-in with a password that somebody else checks: sources of modules and LDAP. The contract of a source is core.vouching."""
