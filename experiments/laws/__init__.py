"""Laws of features: families on the line, taken as products, and laws in p dimensions."""
