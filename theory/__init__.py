"""The theory of the utility of synthetic data, as pure functions: statements and proofs in theory/README.md."""
