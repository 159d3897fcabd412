"""A normal law refitted to its own samples: its spread vanishes, and what it forgets of its mean."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammaln

from experiments.config.registry import component, require
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.rng import stream


def shrinkage(n: int) -> float:
    """Return c(n) = sqrt(2/(n-1)) Gamma(n/2)/Gamma((n-1)/2), the mean of the standard deviation of n normal values, n >= 2."""
    require(n >= 2, "n", "a whole number >= 2", n)
    return float(np.sqrt(2 / (n - 1)) * np.exp(gammaln(n / 2) - gammaln((n - 1) / 2)))


@component("measurement", "normal_loop")
@dataclass(frozen=True)
class NormalLoop(Measurement):
    """Two loops of normal fits, real law N(0, 1).

    Pure: generation t is fitted to n rows of generation t-1; s_t = s_{t-1} sqrt(chi^2_{n-1}/(n-1)), so that
    E s_t = c(n)^t. Mixed: n fresh real rows and lambda n synthetic ones, from a first generator whose mean is off by
    `offset`; E mean_t = (lambda/(1 + lambda))^t offset, because the fit averages the rows.
    """

    sizes: tuple[int, ...] = (10, 20, 50)
    synthetic_per_real: tuple[float, ...] = (0.5, 1.0, 3.0)
    last: int = 20
    offset: float = 1.0
    replicates: int = 20000

    axes: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        require(all(n >= 2 for n in self.sizes), "sizes", "whole numbers >= 2", self.sizes)
        require(all(r > 0 for r in self.synthetic_per_real), "synthetic_per_real", "numbers > 0", self.synthetic_per_real)
        require(self.last >= 1, "last", "a whole number >= 1", self.last)
        require(self.replicates >= 2, "replicates", "a whole number >= 2", self.replicates)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, loop and generation t = 1, ..., last."""
        parts = [row for n in self.sizes for row in self._pure(cell, n)]
        parts += [row for ratio in self.synthetic_per_real for row in self._mixed(cell, ratio)]
        names = list(dict.fromkeys(name for p in parts for name in p))
        missing = constant(np.nan, self.replicates)
        return {name: np.concatenate([p.get(name, missing) for p in parts]) for name in names}

    def _pure(self, cell: Cell, n: int) -> list[Columns]:
        mean, spread, found = np.zeros(self.replicates), np.ones(self.replicates), []
        for t in range(1, self.last + 1):
            noise = stream(cell.seed, f"loop/pure/{n}", t).standard_normal((self.replicates, n))
            rows = mean[:, None] + spread[:, None] * noise
            mean, spread = rows.mean(axis=1), rows.std(axis=1, ddof=1)
            labels = {"n": n, "generation": t, "spread_predicted": shrinkage(n) ** t}
            found.append(_row(self.replicates, labels) | {"spread": spread})
        return found

    def _mixed(self, cell: Cell, ratio: float) -> list[Columns]:
        n = self.sizes[-1]
        mean, spread, found = np.full(self.replicates, self.offset), np.ones(self.replicates), []
        for t in range(1, self.last // 2 + 1):
            rng = stream(cell.seed, f"loop/mixed/{ratio}", t)
            real, noise = (rng.standard_normal((self.replicates, size)) for size in (n, round(ratio * n)))
            rows = np.concatenate([real, mean[:, None] + spread[:, None] * noise], axis=1)
            mean, spread = rows.mean(axis=1), rows.std(axis=1, ddof=1)
            kept = round(ratio * n) / (n + round(ratio * n))
            labels = {
                "synthetic_per_real": ratio,
                "generation": t,
                "offset_predicted": self.offset * kept**t,
                "offset_exchanged": self.offset * (1 - kept) ** t,
            }
            found.append(_row(self.replicates, labels) | {"offset": mean})
        return found


def _row(count: int, labels: dict[str, float]) -> Columns:
    return {"replicate": np.arange(count)} | {k: constant(v, count) for k, v in labels.items()}
