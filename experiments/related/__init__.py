"""Measurements and generators that only the experiments on neighbouring papers use; README.md says which paper is where."""
