"""The core: settings, registry, data, events, jobs, text. It knows nobody: no other room is imported from here."""
