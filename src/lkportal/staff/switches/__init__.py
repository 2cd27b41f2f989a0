"""The switchboard: modules opened step by step, settings changed without code, each change with its reason and its way back."""
