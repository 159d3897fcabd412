"""Responses from a regression or a network fitted on the real sample."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from experiments.config.registry import build, component, declared, near, require
from experiments.learners.base import Array, Predictor
from experiments.networks.recipe import Recipe
from experiments.responses.base import Responses
from experiments.world import World

T = TypeVar("T")


@component("responses", "fitted")
@dataclass(frozen=True)
class Fitted(Responses):
    """mu-tilde = the learner named `by`, with its default options, fitted on the replicate's real sample.

    That is what a generator really does: it never sees mu.
    """

    by: str = "knn"

    def __post_init__(self) -> None:
        known = declared("learner")
        require(self.by in known, "by", f"a learner{near(self.by, known)}", self.by)

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit the named learner on the real sample of every replicate."""
        predictor: Predictor = build("learner", {"kind": self.by}).fit(x, y, streams)
        return predictor


class FitCache(Generic[T]):
    """Keeps the `most` results used last in this process.

    A result depends on the bits of its sample alone, so a cell's numbers do not depend on what ran before it.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str, x: Array, y: Array, streams: Sequence[np.random.Generator], make: Callable[[], T]) -> T:
        """Return what `make`, whose configuration is `name`, made of this sample, or make it.

        Streams count by their state, which a result from the cache leaves as it is.
        """
        digest = hashlib.sha256(f"{name}{x.shape}".encode())
        for array in (x, y):
            digest.update(np.ascontiguousarray(array).data)
        for stream in streams:
            digest.update(str(stream.bit_generator.state).encode())
        key = digest.hexdigest()
        if key not in self.kept:
            self.kept[key] = make()
        self.kept.move_to_end(key)
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)
        return self.kept[key]


_FITS: FitCache[Predictor] = FitCache(32)
"""Shared by cells that differ in law or learner alone."""


@component("responses", "network")
@dataclass(frozen=True)
class NetworkResponses(Recipe, Responses):
    """mu-tilde = a network fitted on the replicate's real sample; the options are those of `Recipe`.

    The downstream learner has options of its own, so that the generator can be another network.
    """

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit one network per replicate on its real sample."""
        # torch is imported here, so that listing the components stays quick
        from experiments.networks.fitting import fit

        return _FITS.get(repr(self), x, y, streams, lambda: fit([(x, y, streams)], self)[0])
