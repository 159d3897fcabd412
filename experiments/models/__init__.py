"""Downstream models for real data: scikit-learn estimators by name."""
