"""The rules that judge claims: rows in, verdict out; one rule a file, found by its file's name."""
