"""A payment on its way: decided, asked of the provider, written down as the answer says."""
