"""Responses by design: the true ones, flipped labels, and errors of a given size, smooth or the worst possible."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from experiments.config.registry import UNIT, NonNegative, Positive, Probability, component, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses
from experiments.world import World

Function = Callable[[Array], Array]

DIGITS = 9
"""Decimals of log r by which its levels are distinguished: the nodes and the sample must agree on them."""


class DesignedResponses(Responses):
    """A fixed function of the world, the same mu-tilde in every replicate."""

    @abstractmethod
    def function(self, world: World) -> Function:
        """Return mu-tilde (...) as a function of points (..., p)."""

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the function for every replicate; see `Responses.fit`."""
        mu_tilde = self.function(world)

        def predict(points: Array) -> Array:
            values = mu_tilde(points)
            return np.broadcast_to(values, (len(x), values.shape[-1]))

        return predict


@component("responses", "oracle")
@dataclass(frozen=True)
class Oracle(DesignedResponses):
    """mu-tilde = mu: the response error e_r is 0."""

    def function(self, world: World) -> Function:
        """Return the true regression function."""
        return world.task.mu


@component("responses", "flips")
@dataclass(frozen=True)
class Flips(DesignedResponses):
    """A label 0 is turned into 1 with probability `zero`, a label 1 into 0 with probability `one` (`zero` unless given).

    eta-tilde = (1 - one) eta + zero (1 - eta). Equal rates rho < 1/2: eta-tilde - 1/2 = (1 - 2 rho)(eta - 1/2), so the
    Bayes rule stays and e_r = 2 rho ||eta - 1/2||_Q (theory/README.md 5.7). Unequal rates move the Bayes rule: the
    synthetic world says 1 where eta >= (1/2 - zero)/(1 - zero - one).
    """

    zero: Probability = 0.2
    one: Annotated[float | None, UNIT] = None

    binary: ClassVar[bool] = True

    def function(self, world: World) -> Function:
        """Return eta-tilde."""
        one = self.zero if self.one is None else self.one

        def eta_tilde(points: Array) -> Array:
            eta = world.task.mu(points)
            return (1 - one) * eta + self.zero * (1 - eta)

        return eta_tilde


def with_error(world: World, direction: Function, e_r: float) -> Function:
    """Return mu + e_r g/||g||_Q for a direction g of error, a function of points `(..., p)`."""
    size = float(world.pair.norm_q(direction(world.pair.nodes)))
    if size == 0:
        raise ValueError("e_r: expected a direction that differs from 0 somewhere under Q")
    return lambda points: world.task.mu(points) + e_r / size * direction(points)


@component("responses", "biased")
@dataclass(frozen=True)
class Biased(DesignedResponses):
    """mu-tilde = mu + e_r g/||g||_Q with g(x) = cos(2 pi frequency x_1): an error spread over all features."""

    e_r: NonNegative = 0.1
    frequency: NonNegative = 1.0

    def function(self, world: World) -> Function:
        """Return mu plus the cosine."""
        return with_error(world, self._direction, self.e_r)

    def _direction(self, points: Array) -> Array:
        return np.asarray(np.cos(2 * np.pi * self.frequency * points[..., 0]))


@component("responses", "oversmoothed")
@dataclass(frozen=True)
class Oversmoothed(DesignedResponses):
    """mu-tilde = mu + e_r g/||g||_Q with g = mean of mu over a window minus mu.

    The window at x is {x + t (1, ..., 1): |t| <= width}, cut to the task's domain.
    """

    e_r: NonNegative = 0.1
    width: Positive = 0.25

    def function(self, world: World) -> Function:
        """Return mu, smoothed in part."""
        task, (steps, weights) = world.task, np.polynomial.legendre.leggauss(16)

        def direction(points: Array) -> Array:
            moved = (np.clip(points + self.width * t, *task.domain) for t in steps)
            mean = sum(w / 2 * task.mu(at) for w, at in zip(weights, moved))
            return np.asarray(mean - task.mu(points))

        return with_error(world, direction, self.e_r)


@component("responses", "worst")
@dataclass(frozen=True)
class Worst(DesignedResponses):
    """mu-tilde = mu + M 1{r > C}, Q(r > C) = e_r^2/M^2, as a function of the likelihood ratio r = dP/dQ (M = sup_norm).

    On the boundary level {r = C} the addend is M times the root of the share of its Q-mass that is left, so that
    ||mu-tilde - mu||_Q = e_r and ||mu-tilde - mu||_P^2 = T_M(e_r^2) exactly, ties of r included (theory/README.md 6.5;
    `theory.responses.worst_response` gives the same values on the nodes).
    """

    e_r: float = 0.1
    sup_norm: Positive = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.e_r <= self.sup_norm, "e_r", f"a number in [0, sup_norm = {self.sup_norm:g}]", self.e_r)

    def function(self, world: World) -> Function:
        """Return mu plus M where r is large."""
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

        return mu_tilde


def _log_ratio(world: World, points: Array) -> Array:
    """Return log r at points `(..., p)`, rounded: levels that differ by rounding alone are one."""
    return np.round(world.law_p.log_density(points) - world.law_q.log_density(points), DIGITS)
