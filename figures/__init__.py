"""Rows become estimates, claims, axes and a report."""
