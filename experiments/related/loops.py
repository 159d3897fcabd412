"""Generators trained on their own output: normal laws that are refitted, and the utility of what each generation yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from scipy.special import gammaln

from experiments.config.registry import ConfigError, Count, Shares, component, every, require, whole
from experiments.learners.base import Learner
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.measurements.utility import signed_gap, utility
from experiments.related.batched import Array, BatchedGenerator, BatchSampler
from experiments.rng import stream, streams

Fresh = Callable[[int, np.random.Generator], Array]
"""`(size, rng) -> (R, size, p)`: new real rows for every replicate."""


def generations(
    generator: BatchedGenerator, fresh: Fresh, size: int, share: float, last: int, seed: int
) -> Iterator[tuple[int, Array, BatchSampler]]:
    """Yield generations 0, ..., last: number, the rows that the generator was fitted to, and its sampler.

    Generation 0 is fitted to `size` rows from `fresh`; every later one to `size` rows, of which the share `share` in [0, 1]
    is fresh and real and the rest drawn from the generation before. Streams follow from the seed and the generation's
    number: the first real rows are the same for every share.
    """
    rows = fresh(size, stream(seed, "loop/real", 0))
    synthetic = round((1 - share) * size)
    for number in range(last + 1):
        sampler = generator.fit(rows)
        yield number, rows, sampler
        if number == last:
            return
        own = sampler(synthetic, stream(seed, "loop/synthetic", number))
        rows = np.concatenate([own, fresh(size - synthetic, stream(seed, "loop/real", number + 1))], axis=1)


def shrinkage(n: int) -> float:
    """Return c(n) = sqrt(2/(n-1)) Gamma(n/2)/Gamma((n-1)/2), the mean standard deviation of n >= 2 normal values."""
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

    sizes: Annotated[tuple[int, ...], every("whole numbers >= 2", lambda n: n >= 2)] = (10, 20, 50)
    synthetic_per_real: Annotated[tuple[float, ...], every("numbers > 0", lambda ratio: ratio > 0)] = (0.5, 1.0, 3.0)
    last: Count = 20
    offset: float = 1.0
    replicates: Annotated[int, whole(2)] = 20000

    axes: ClassVar[tuple[str, ...]] = ()

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, loop and generation t = 1, ..., last."""
        pure = [row for n in self.sizes for row in self._pure(cell, n)]
        return stacked(pure + [row for ratio in self.synthetic_per_real for row in self._mixed(cell, ratio)])

    def _pure(self, cell: Cell, n: int) -> list[Columns]:
        mean, spread, found = np.zeros(self.replicates), np.ones(self.replicates), []
        for t in range(1, self.last + 1):
            noise = stream(cell.seed, f"loop/pure/{n}", t).standard_normal((self.replicates, n))
            rows = mean[:, None] + spread[:, None] * noise
            mean, spread = rows.mean(axis=1), rows.std(axis=1, ddof=1)
            labels = labelled(self.replicates, n=n, generation=t, spread_predicted=shrinkage(n) ** t)
            found.append(labels | {"spread": spread})
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
            predicted = {"offset_predicted": self.offset * kept**t, "offset_exchanged": self.offset * (1 - kept) ** t}
            labels = labelled(self.replicates, synthetic_per_real=ratio, generation=t, **predicted)
            found.append(labels | {"offset": mean})
        return found


@component("measurement", "utility_loop")
@dataclass(frozen=True)
class UtilityLoop(Measurement):
    """Excess risk of every learner on each generation's output, and after real training.

    Rows (x, y) are generated jointly and a learner is trained on `size` of them; U compares its excess risk with that
    after training on the real rows of generation 0. Risks are averages over `nodes` points of the real law.
    """

    size: Annotated[int, whole(10)] = 1000
    last: Count = 10
    shares: Shares = (0.0, 0.5)
    replicates: Annotated[int, whole(2)] = 20
    nodes: int = 2000

    axes: ClassVar[tuple[str, ...]] = ("task", "real_law", "generator", "learner")
    joint: ClassVar[tuple[str, ...]] = ("learner",)

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted to numbers."""
        if not isinstance(cell.parts["generator"], BatchedGenerator):
            raise ConfigError("generator: expected one that is fitted to samples of numbers")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, share, generation and learner."""
        found = []
        real: list[Array] = []  # generation 0 is fitted to the same rows whatever the share
        for share in self.shares:
            for number, rows, sampler in generations(
                cell.parts["generator"], lambda m, rng: self._real(cell, m, rng), self.size, share, self.last, cell.seed
            ):
                real = real or [self._excess(cell, learner, rows) for learner in cell.parts["learner"].values()]
                drawn = sampler(self.size, stream(cell.seed, "loop/training", number))
                for code, learner in enumerate(cell.parts["learner"].values()):
                    row = labelled(self.replicates, share=share, generation=number)
                    row |= {"learner": np.full(self.replicates, code), "excess_real": real[code]}
                    row["excess"] = self._excess(cell, learner, drawn)
                    found.append(row | {"utility": utility(signed_gap(row["excess"], real[code]))})
        return stacked(found)

    def _real(self, cell: Cell, size: int, rng: np.random.Generator) -> Array:
        task, law = cell.parts["task"], cell.parts["real_law"].on(cell.parts["task"].dim)
        x = law.sample(rng, self.replicates * size)
        y = task.respond(task.mu(x), rng)
        return np.concatenate([x, y[:, None]], axis=1).reshape(self.replicates, size, task.dim + 1)

    def _excess(self, cell: Cell, learner: Learner, rows: Array) -> Array:
        task = cell.parts["task"]
        points = cell.parts["real_law"].on(task.dim).sample(stream(cell.seed, "loop/nodes"), self.nodes)
        fitted = learner.fit(rows[..., :-1], rows[..., -1], streams(cell.seed, "loop/learner", len(rows)))
        return np.asarray(((fitted(points) - task.mu(points)) ** 2).mean(axis=1))
