"""The portal beside its peers: the same page, the same data, one run. `make bench` runs it; imports are measured in imports."""
