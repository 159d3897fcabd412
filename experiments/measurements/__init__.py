"""What one cell measures: arrays in, rows out."""
