"""The parts of the import engine: from the bytes of a stranger's file to batches that are taken once. Its face is core.imports."""
