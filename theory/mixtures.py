"""Real rows among synthetic ones: what any share of them guarantees, and which weight suits the synthetic rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray

GRID, HALVINGS = 400, 60


def mixing_bound(a: ArrayLike, sup_norm: ArrayLike, real_share: ArrayLike) -> FloatArray:
    """Bound min{a/ζ, M²} of the squared real error, whatever the synthetic features (theory/README.md 2.8).

    Parameters
    ----------
    a : array_like, shape (...)
        Squared errors under ζP + (1 − ζ)Q, a ≥ 0.
    real_share : array_like, shape (...)
        Shares ζ of real rows, in (0, 1].
    """
    level, square, share = checks.together(
        a=checks.numbers("a", a, 0.0),
        sup_norm=np.square(checks.sup_norms("sup_norm", sup_norm)),
        real_share=checks.numbers("real_share", real_share, 0.0, 1.0, above=True),
    )
    with np.errstate(over="ignore"):
        return np.minimum(level / share, square)[()]


@dataclass(frozen=True, eq=False)
class PooledLeastSquares:
    r"""Least squares on real rows and on synthetic rows of weight w: its mean excess risk, given the features.

    .. math:: \Psi(w) = \operatorname{tr}(\Sigma_P S_w^{-1} (\sigma^2 S + w^2(\tilde\sigma^2 \tilde S + b b^\top)) S_w^{-1}),
              \quad S_w = S + w \tilde S

    The class holds the real regression function (theory/README.md 7.7).

    Parameters
    ----------
    design_basis : array_like, shape (R, s, n)
        The s functions at the features of the real rows of each of R tables; they determine the fit.
    synthetic_basis : array_like, shape (R, s, m)
        The same at the features of the synthetic rows.
    gram : array_like, shape (s, s)
        Σ_P = E_P φφᵀ.
    noise_variance, synthetic_variance : float
        Variances σ² > 0 and σ̃² ≥ 0 of the responses of real and of synthetic rows.
    response_error : array_like, shape (R, m)
        Errors g = μ̃ − μ of the synthetic responses, 0 where they are right.
    """

    design_basis: ArrayLike
    synthetic_basis: ArrayLike
    gram: ArrayLike
    noise_variance: float
    synthetic_variance: float
    response_error: ArrayLike = 0.0

    def __post_init__(self) -> None:
        self._diagonal  # noqa: B018

    @cached_property
    def _variances(self) -> tuple[float, float]:
        variance = checks.number("noise_variance", self.noise_variance, 0.0, above=True)
        return variance, checks.number("synthetic_variance", self.synthetic_variance, 0.0)

    @cached_property
    def _diagonal(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """λ (R, s), H (R, s, s) and c (R, s): in these coordinates S is 1 and S̃ is diagonal."""
        real, other = (checks.finite(k, getattr(self, k)) for k in ("design_basis", "synthetic_basis"))
        gram, error = checks.finite("gram", self.gram), checks.finite("response_error", self.response_error)
        if real.ndim != 3 or other.ndim != 3 or real.shape[:2] != other.shape[:2] or not real.size * other.size:
            shapes = f"{real.shape} and {other.shape}"
            raise ValueError(f"design_basis, synthetic_basis: expected (R, s, n) and (R, s, m), none empty, got {shapes}")
        rows = (real.shape[0], other.shape[2])
        if gram.shape != (real.shape[1],) * 2 or error.shape not in ((), rows):
            raise ValueError(f"gram, response_error: expected (s, s) and {rows}, got {gram.shape} and {error.shape}")
        left, sizes, _ = np.linalg.svd(real, full_matrices=False)
        rounding = max(real.shape) * np.finfo(float).eps
        if sizes.shape[1] < real.shape[1] or (sizes[:, -1] <= sizes[:, 0] * rounding).any():
            raise ValueError("design_basis: expected real rows that determine the fit, got too few or dependent ones")
        white = left / sizes[:, None]
        seen = white.swapaxes(1, 2) @ other
        scale, axes = np.linalg.eigh(seen @ seen.swapaxes(1, 2))
        scale = np.where(scale > scale[:, -1:] * rounding, scale, 0.0)
        basis = white @ axes
        shift = np.vecdot(axes.swapaxes(1, 2), np.vecdot(seen, np.broadcast_to(error, rows)[:, None])[:, None])
        return scale, basis.swapaxes(1, 2) @ gram @ basis, np.where(scale > 0, shift, 0.0)

    def excess(self, weight: ArrayLike) -> FloatArray:
        """Return Ψ(w) of each table, for weights in [0, ∞] of shape (..., R) or (); shape (..., R)."""
        (scale, gram, shift), (variance, synthetic) = self._diagonal, self._variances
        kept, moved = self._shrunk(weight)
        spread = variance * kept**2 + synthetic * scale * moved**2
        return np.asarray(np.einsum("...rs,rss->...r", spread, gram) + self._form(moved * shift, gram, moved * shift))

    def slope(self, weight: ArrayLike) -> FloatArray:
        """Return Ψ'(w), finite weights and shapes as in `excess`."""
        (scale, gram, shift), (variance, synthetic) = self._diagonal, self._variances
        kept, moved = self._shrunk(weight)
        weights = np.asarray(weight, dtype=float)[..., None]
        spread = 2 * scale * (weights * synthetic - variance) * kept**3
        return np.asarray(np.einsum("...rs,rss->...r", spread, gram) + 2 * self._form(moved * shift, gram, kept**2 * shift))

    def best_weight(self) -> FloatArray:
        """Return the weight in (0, ∞] at which Ψ is least, shape (R,): a zero of Ψ', found by bisection.

        Refuses synthetic rows at which all functions are 0.
        """
        scale, (variance, synthetic) = self._diagonal[0], self._variances
        largest = scale.max(axis=1)
        if not largest.all():
            raise ValueError("synthetic_basis: expected synthetic rows that are not all 0")
        errors = np.sum(np.square(np.broadcast_to(self.response_error, np.shape(self.synthetic_basis)[::2])), axis=1)
        first = 1e-3 * variance / (synthetic + errors + variance * largest)
        last = 1e6 / np.where(scale > 0, scale, np.inf).min(axis=1)
        grid = np.geomspace(first, last, GRID)
        found = np.argmin(np.concatenate([self.excess(grid), self.excess(np.inf)[None]]), axis=0)
        low, high = (grid[np.clip(found + step, 0, GRID - 1), np.arange(len(first))] for step in (-1, 1))
        for _ in range(HALVINGS):
            middle = np.sqrt(low * high)
            rising = self.slope(middle) > 0
            low, high = np.where(rising, low, middle), np.where(rising, middle, high)
        return np.where(found == GRID, np.inf, np.sqrt(low * high))

    def _shrunk(self, weight: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """1/(1 + wλ) and w/(1 + wλ), the latter 0 where λ = 0: it is multiplied by 0 there."""
        scale = self._diagonal[0]
        weights = checks.numbers("weight", weight, 0.0)[..., None]
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(scale > 0, 1 / (1 + weights * scale), 1.0)
            moved = np.where(scale > 0, 1 / (1 / weights + scale), 0.0)
        return kept, moved

    @staticmethod
    def _form(first: FloatArray, gram: FloatArray, second: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("...rs,rst,...rt->...r", first, gram, second))
