"""Rounds of synthesis around the errors on a few real rows, against the same number of plain extra rows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Predictor
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.related.batched import Array
from experiments.rng import stream, streams

ARMS = ("plain", "around rows", "around errors")


@component("measurement", "error_driven")
@dataclass(frozen=True)
class ErrorDriven(Measurement):
    """Excess risk round by round, with three ways to draw the n/4 rows that each round adds to n synthetic ones.

    `plain`: from the synthetic law again. `around rows`: at features of validation rows chosen at random, moved by
    N(0, width^2). `around errors`: the same, chosen with chances proportional to the squared error of the current fit there.
    Responses are the task's own in all of them. The second tells what knowing some real features is worth, the third
    what knowing the errors adds.
    """

    rounds: int = 6
    validation: int = 40
    width: float = 0.03
    nodes: int = 1000

    axes: ClassVar[tuple[str, ...]] = ("task", "real_law", "synthetic_law", "learner", "n")

    def __post_init__(self) -> None:
        require(self.rounds >= 1, "rounds", "a whole number >= 1", self.rounds)
        require(self.validation >= 1, "validation", "a whole number >= 1", self.validation)
        require(self.width >= 0, "width", "a number >= 0", self.width)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, arm and round."""
        found = [row for arm in ARMS for row in self._of_arm(cell, arm)]
        return {name: np.concatenate([f[name] for f in found]) for name in found[0]}

    def _of_arm(self, cell: Cell, arm: str) -> list[Columns]:
        task, found = cell.parts["task"], []
        law_p, law_q = (cell.parts[axis].on(task.dim) for axis in ("real_law", "synthetic_law"))
        nodes = law_p.sample(stream(cell.seed, "error/nodes"), self.nodes)
        known = self._drawn(cell, law_p, self.validation, "validation")
        rows = self._drawn(cell, law_q, cell.n, "first")
        for number in range(self.rounds + 1):
            fitted = cell.parts["learner"].fit(*rows, streams(cell.seed, "error/learner", cell.replicates))
            excess = ((fitted(nodes) - task.mu(nodes)) ** 2).mean(axis=1)
            labels = {"arm": np.full(cell.replicates, arm), "round": constant(number, cell.replicates)}
            found.append(labels | {"replicate": np.arange(cell.replicates), "excess": excess})
            if number == self.rounds:
                break
            extra = cell.n // 4
            if arm == "plain":
                x, y = self._drawn(cell, law_q, extra, f"extra/{number}")
            else:
                x, y = self._around(cell, known, fitted, extra, number, arm == "around errors")
            rows = (np.concatenate([rows[0], x], axis=1), np.concatenate([rows[1], y], axis=1))
        return found

    def _drawn(self, cell: Cell, law: object, size: int, role: str) -> tuple[Array, Array]:
        rng, task = stream(cell.seed, f"error/{role}"), cell.parts["task"]
        x = law.sample(rng, cell.replicates * size)  # type: ignore[attr-defined]
        shape = (cell.replicates, size)
        return x.reshape(*shape, task.dim), task.respond(task.mu(x), rng).reshape(shape)

    def _around(
        self, cell: Cell, known: tuple[Array, Array], fitted: Predictor, size: int, number: int, by_error: bool
    ) -> tuple[Array, Array]:
        task, rng = cell.parts["task"], stream(cell.seed, f"error/around/{number}")
        x, y = known
        weight = (fitted(x) - y) ** 2 if by_error else np.ones_like(y)
        share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
        at = (rng.random((len(x), size, 1)) > share[:, None, :]).sum(axis=2)
        centre = np.take_along_axis(x, np.minimum(at, x.shape[1] - 1)[..., None], axis=1)
        moved = np.clip(centre + self.width * rng.standard_normal(centre.shape), *task.domain)
        flat = moved.reshape(-1, task.dim)
        return moved, task.respond(task.mu(flat), rng).reshape(moved.shape[:2])
