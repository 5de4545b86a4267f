"""The sentence reader: which sentences of a message say something lasting of who wrote it."""
