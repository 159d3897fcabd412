"""The figures: rows in, matplotlib figure out; one figure a file, found by its file's name."""
