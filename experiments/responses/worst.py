"""Responses with an error of a given size in the direction that hurts the most on real features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses, same_for_all
from experiments.world import World

DIGITS = 9
"""Decimals of log r by which its levels are told apart: the nodes and the sample must agree on them."""


@component("responses", "worst")
@dataclass(frozen=True)
class Worst(Responses):
    """mu-tilde = mu + M 1{r > C}, Q(r > C) = e_r^2/M^2, as a function of the likelihood ratio r = dP/dQ (M = sup_norm).

    On the boundary level {r = C} the addend is M times the root of the share of its Q-mass that is left, so that
    ||mu-tilde - mu||_Q = e_r and ||mu-tilde - mu||_P^2 = T_M(e_r^2) exactly, ties of r included (theory/README.md 6.5;
    `theory.ranking.worst_response` gives the same values on the nodes).
    """

    e_r: float = 0.1
    sup_norm: float = 1.0

    def __post_init__(self) -> None:
        require(self.sup_norm > 0, "sup_norm", "a number > 0", self.sup_norm)
        require(0 <= self.e_r <= self.sup_norm, "e_r", f"a number in [0, sup_norm = {self.sup_norm:g}]", self.e_r)

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the same function for every replicate."""
        levels, place = np.unique(_log_ratio(world, world.pair.nodes), return_inverse=True)
        mass = np.bincount(place, weights=world.pair.q)
        above = np.concatenate([np.cumsum(mass[::-1])[::-1][1:], [0.0]])
        left = (self.e_r / self.sup_norm) ** 2 - above
        edge = int(np.flatnonzero(left >= 0)[0])  # the lowest level that the error still reaches
        share = min(1.0, left[edge] / mass[edge]) if mass[edge] > 0 else 1.0

        def mu_tilde(points: Array) -> Array:
            ratio = _log_ratio(world, points)
            on_edge = np.sqrt(share) * (ratio == levels[edge])
            return np.asarray(world.task.mu(points) + self.sup_norm * np.where(ratio > levels[edge], 1.0, on_edge))

        return same_for_all(mu_tilde, len(x))


def _log_ratio(world: World, points: Array) -> Array:
    """Return log r at points `(..., p)`, rounded: levels that differ by rounding alone are one."""
    return np.round(world.law_p.log_density(points) - world.law_q.log_density(points), DIGITS)
