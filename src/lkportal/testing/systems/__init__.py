"""Other systems for tests of connectors: real HTTP on a port of this machine, with the moods of real ones."""
