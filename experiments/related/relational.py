"""Two linked tables, and generators that keep or break the link: which discriminators notice, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from scipy import stats

from experiments.config.registry import NonNegative, component, whole
from experiments.learners.logistic import Logistic
from experiments.measurements.base import Cell, Columns, Measurement, labelled
from experiments.measurements.utility import signed_gap, utility
from experiments.related.batched import Array, NormalFit
from experiments.rng import stream, streams

CHILDREN = 4
TARGETS = ("linked", "own")
"""A target that depends on the children's values, and one that depends on the parent's own feature."""


@component("measurement", "relational")
@dataclass(frozen=True)
class Relational(Measurement):
    """Parents with a feature A ~ N(0, 1), each with four children with values B = link A + N(0, 1).

    Targets of a parent: `linked`, the mean of its children's values plus noise; `own`, A plus noise. The generator
    `joint` is a normal law fitted to parents together with their children; `broken` draws the same rows and deals the
    children to random parents, so that both tables keep their laws but the link is lost. Discriminators are quadratic
    logistic regressions of real against synthetic rows, tested on the other half of the rows: on parents alone, on
    children alone, on parents with the mean of their children.
    """

    link: float = 0.7
    noise: NonNegative = 0.5
    test_size: Annotated[int, whole(2)] = 1000

    axes: ClassVar[tuple[str, ...]] = ("learner", "n")
    joint: ClassVar[tuple[str, ...]] = ("learner",)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, generator and either a discriminator or a target and a learner."""
        real = self._real(cell, cell.n, "real")
        sampler = NormalFit().fit(real)
        joint = sampler(cell.n, stream(cell.seed, "relational/synthetic"))
        tables = {"joint": joint, "broken": dealt_anew(joint, stream(cell.seed, "relational/deal"))}
        test = self._real(cell, self.test_size, "test")
        found = [row for name, table in tables.items() for row in _detected(cell, name, real, table)]
        found += list(_risks(cell, {"real": real} | tables, test))
        names = list(dict.fromkeys(name for f in found for name in f))
        return {name: np.concatenate([f.get(name, _absent(name, cell.replicates)) for f in found]) for name in names}

    def _real(self, cell: Cell, size: int, role: str) -> Array:
        """Rows (R, size, 7): A, the children's values, both targets."""
        rng = stream(cell.seed, f"relational/{role}")
        shape = (cell.replicates, size)
        a = rng.standard_normal(shape)
        b = self.link * a[..., None] + rng.standard_normal((*shape, CHILDREN))
        linked, own = (mean + self.noise * rng.standard_normal(shape) for mean in (b.mean(axis=2), a))
        return np.concatenate([a[..., None], b, linked[..., None], own[..., None]], axis=2)


def _absent(name: str, count: int) -> Array:
    return np.full(count, "" if name in ("discriminator", "target") else -1 if name == "learner" else np.nan)


def dealt_anew(rows: Array, rng: np.random.Generator) -> Array:
    """Return rows (R, n, 7) in which every child is given to a random parent of its replicate."""
    children = rows[..., 1 : 1 + CHILDREN].reshape(len(rows), -1)
    dealt = rng.permuted(children, axis=1).reshape(*rows.shape[:2], CHILDREN)
    return np.concatenate([rows[..., :1], dealt, rows[..., 1 + CHILDREN :]], axis=2)


def views(rows: Array) -> dict[str, Array]:
    """Return what each discriminator sees, `(R, rows, features)`."""
    parents = np.delete(rows, range(1, 1 + CHILDREN), axis=2)
    children = rows[..., 1 : 1 + CHILDREN].reshape(len(rows), -1, 1)
    means = rows[..., 1 : 1 + CHILDREN].mean(axis=2, keepdims=True)
    return {"parents": parents, "children": children, "with aggregates": np.concatenate([parents, means], axis=2)}


def _detected(cell: Cell, name: str, real: Array, synthetic: Array) -> Iterator[Columns]:
    for view, own in views(real).items():
        other, half = views(synthetic)[view], own.shape[1] // 2
        both = np.concatenate([own[:, :half], other[:, :half]], axis=1)
        labels = np.repeat([1.0, 0.0], half)[None].repeat(len(own), axis=0)
        fitted = Logistic(degree=2, ridge=1e-3).fit(both, labels, streams(cell.seed, "relational/d", len(own)))
        auc = area(fitted(own[:, half:]), fitted(other[:, half:]))
        yield labelled(cell.replicates, source=name, discriminator=view) | {"auc": auc}


def area(first: Array, second: Array) -> Array:
    """Return the area under the ROC curve `(R,)` of scores (R, k) of rows of one kind against scores (R, l) of the other."""
    k, count = first.shape[1], second.shape[1]
    ranks = stats.rankdata(np.concatenate([first, second], axis=1), axis=1)[:, :k]
    return np.asarray((ranks.sum(axis=1) - k * (k + 1) / 2) / (k * count))


def _risks(cell: Cell, tables: dict[str, Array], test: Array) -> Iterator[Columns]:
    for number, target in enumerate(TARGETS):
        column = 1 + CHILDREN + number
        for code, learner in enumerate(cell.parts["learner"].values()):
            risks = {}
            for name, rows in tables.items():
                rngs = streams(cell.seed, "relational/learner", cell.replicates)
                fitted = learner.fit(_features(rows), rows[..., column], rngs)
                risks[name] = ((fitted(_features(test)) - test[..., column]) ** 2).mean(axis=1)
            for name in tables:
                row = labelled(cell.replicates, source=name, target=target) | {"learner": np.full(cell.replicates, code)}
                row |= {"risk": risks[name], "risk_real": risks["real"]}
                yield row | {"utility": utility(signed_gap(risks[name], risks["real"]))}


def _features(rows: Array) -> Array:
    """A, and the mean and maximum of the children's values."""
    children = rows[..., 1 : 1 + CHILDREN]
    return np.stack([rows[..., 0], children.mean(axis=2), children.max(axis=2)], axis=2)
