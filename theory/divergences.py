"""Divergences between the two laws of a pair (theory/README.md 1.6)."""

from __future__ import annotations

import numpy as np

from theory.measures import PairedMeasure


def total_variation(pair: PairedMeasure) -> float:
    """Total variation ½ ∫ |p − q|, in [0, 1]."""
    return float(np.abs(pair.p - pair.q).sum() / 2)


def chi_square(pair: PairedMeasure) -> float:
    """χ²(P‖Q) = E_P[r] − 1 = ∫ (p − q)²/q of the nodes, in [0, ∞]; infinite where P is not covered by Q.

    A law's infinite χ² shows on its nodes as a large number.
    """
    with np.errstate(over="ignore"):
        return float(np.sum((pair.p - pair.q) * (pair.ratio - 1)))


def kl(pair: PairedMeasure) -> float:
    """KL(P‖Q) = E_P[log r] in nats, in [0, ∞]; infinite where P is not covered by Q."""
    seen = pair.p > 0
    # Σ p log r = Σ (p log r − p + q): each term is non-negative, so no cancellation takes the sum below 0.
    terms = pair.p[seen] * pair.log_ratio[seen] - pair.p[seen] + pair.q[seen]
    return max(float(terms.sum() + pair.q[~seen].sum()), 0.0)


def squared_hellinger(pair: PairedMeasure) -> float:
    """Squared Hellinger distance 1 − ∫ √(pq) = ½ ∫ (√p − √q)², in [0, 1]."""
    return float(np.square(np.sqrt(pair.p) - np.sqrt(pair.q)).sum() / 2)
