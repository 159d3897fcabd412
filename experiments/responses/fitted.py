"""Responses from a regression fitted on the real sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import build, component, declared, near, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses
from experiments.world import World


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
