"""Labels that are flipped at given rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses, same_for_all
from experiments.world import World


@component("responses", "flips")
@dataclass(frozen=True)
class Flips(Responses):
    """A label 0 is turned into 1 with probability `zero`, a label 1 into 0 with probability `one` (`zero` unless given).

    eta-tilde = (1 - one) eta + zero (1 - eta). Equal rates rho < 1/2: eta-tilde - 1/2 = (1 - 2 rho)(eta - 1/2), so the
    Bayes rule stays and e_r = 2 rho ||eta - 1/2||_Q (theory/README.md 5.7). Unequal rates move the Bayes rule: the
    synthetic world says 1 where eta >= (1/2 - zero)/(1 - zero - one).
    """

    zero: float = 0.2
    one: float | None = None

    binary: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require(0 <= self.zero <= 1, "zero", "a number in [0, 1]", self.zero)
        require(self.one is None or 0 <= self.one <= 1, "one", "a number in [0, 1]", self.one)

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the same function for every replicate."""
        one = self.zero if self.one is None else self.one

        def eta_tilde(points: Array) -> Array:
            eta = world.task.mu(points)
            return (1 - one) * eta + self.zero * (1 - eta)

        return same_for_all(eta_tilde, len(x))
