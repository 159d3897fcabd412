"""Learners on the replicate axis."""
