"""Signing in at other providers: OpenID Connect and the OAuth 2 dialects of presets. Who a stranger turns out to be is in auth.external."""
