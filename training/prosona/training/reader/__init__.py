"""Training the sentence reader of the builtin profiler: labelled sentences in, weights and their card out."""
