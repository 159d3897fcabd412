"""Half real worlds: features of a real table, a trained network as the regression function that is then known."""

from dataclasses import dataclass

import numpy as np

from experiments.columns import Columns
from experiments.datasets.base import Table
from experiments.datasets.preparation import Preparation
from experiments.learners.base import Array, Predictor
from experiments.learners.mlp import MLP
from experiments.streams import stream
from experiments.tasks.base import RegressionTask
from experiments.world import World
from theory.measures import PairedMeasure

TEACHER = MLP(width=32, depth=2, steps=1500)
"""The network that becomes the regression function."""


@dataclass(frozen=True, eq=False)
class RowLaw:
    """The law that draws row i of `rows (N, p)` with probability `weights[i]`."""

    rows: Array
    weights: Array

    @property
    def dim(self) -> int:
        """Number of features."""
        return int(self.rows.shape[1])

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, p)`."""
        return np.asarray(self.rows[rng.choice(len(self.rows), size=size, p=self.weights)])

    def log_density(self, x: Array) -> Array:
        """There is no density: the law lives on its rows."""
        raise NotImplementedError("a law on the rows of a table has no density")

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the smallest box around the rows that have weight."""
        kept = self.rows[self.weights > 0]
        return kept.min(axis=0), kept.max(axis=0)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the support's box."""
        return self.support()


@dataclass(frozen=True)
class TaughtTask(RegressionTask):
    """Y = mu(X) + noise, mu a trained network; nothing is known of its slopes."""

    network: Predictor | None = None
    features: int = 1

    @property
    def dim(self) -> int:
        """Number of features."""
        return self.features

    @property
    def lipschitz(self) -> float:
        """Unknown: infinity."""
        return float("inf")

    @property
    def oscillation(self) -> float:
        """Unknown: infinity."""
        return float("inf")

    def mu(self, x: Array) -> Array:
        """Return the network's values `(...)` at `x (..., dim)`."""
        assert self.network is not None
        return np.asarray(self.network(x.reshape(-1, self.features))[0].reshape(x.shape[:-1]))


@dataclass(frozen=True, eq=False)
class Taught:
    """A regression on the rows `rows (N, p)` of a real table whose regression function is known."""

    task: TaughtTask
    rows: Array

    @classmethod
    def of(cls, table: Table, features: int, seed: int) -> "Taught":
        """Train the teacher on all rows of a table.

        Parameters
        ----------
        table : Table
            A regression, or two classes whose labels 0 and 1 are then taken for numbers.
        features : int
            Leading principal components of the encoded columns, each scaled to variance 1.
        seed : int
            For the training.
        """
        rows = _components(table, features)
        fitted = TEACHER.fit(rows[None], table.y[None].astype(float), [stream(seed, "teacher")])
        residual = float(np.std(table.y - fitted(rows)[0]))
        return cls(TaughtTask(residual, fitted, features), rows)

    @property
    def world(self) -> World:
        """The world where synthetic features follow the real law."""
        return self.with_weights(np.full(len(self.rows), 1 / len(self.rows)))

    def with_weights(self, weights: Array) -> World:
        """Return the world where Q gives row i the weight `weights[i]`, and P the same to every row; exact on the rows."""
        even = np.full(len(self.rows), 1 / len(self.rows))
        pair = PairedMeasure(self.rows, even, weights)
        return World(self.task, RowLaw(self.rows, even), RowLaw(self.rows, weights), pair)


def _components(table: Table, features: int) -> Array:
    from sklearn.decomposition import PCA

    filled = Preparation.fit(table, 0).apply(table).x
    numbers = Columns().fit(filled).transform(filled)
    return np.asarray(PCA(features, whiten=True, svd_solver="covariance_eigh").fit_transform(numbers))
