"""The modules of the portal: one slice each, switched on by settings. No module imports another but through its contract."""
