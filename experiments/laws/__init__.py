"""Laws of features: products of one-dimensional laws, and laws in p dimensions."""
