"""Utility theory of synthetic data: bounds a computer can check (theory/README.md has the statements and proofs)."""

from theory.divergences import chi_square, kl, squared_hellinger, total_variation
from theory.fidelity import BestFidelity, best_fidelity_bound, fidelity_bound, fidelity_constant
from theory.levels import exponent_to_tail, tail_to_exponent, tail_to_moment
from theory.measures import Law, MassWarning, PairedMeasure
from theory.transfer import TransferCurve

__all__ = [
    "BestFidelity",
    "Law",
    "MassWarning",
    "PairedMeasure",
    "TransferCurve",
    "best_fidelity_bound",
    "chi_square",
    "exponent_to_tail",
    "fidelity_bound",
    "fidelity_constant",
    "kl",
    "squared_hellinger",
    "tail_to_exponent",
    "tail_to_moment",
    "total_variation",
]
