"""Passkeys: rows and rules, challenges that are spent once, the bytes of WebAuthn, their pages."""
