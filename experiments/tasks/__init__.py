"""Regression functions and class probabilities with known constants."""
