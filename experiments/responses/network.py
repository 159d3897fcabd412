"""Responses from a network fitted on the real sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learners.base import Array, Predictor
from experiments.networks.recipe import Recipe
from experiments.recent import Recent
from experiments.registry import component
from experiments.responses.base import Responses
from experiments.world import World

_RECENT: Recent[Predictor] = Recent(32)
"""Cells that differ in law or learner alone share these fits."""


@component("responses", "network")
@dataclass(frozen=True)
class NetworkResponses(Recipe, Responses):
    """mu-tilde = a network fitted on the replicate's real sample; the options are those of `Recipe`.

    Its options are set apart from the downstream learner's, so that the generator can be another network.
    """

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit one network per replicate on its real sample."""
        # torch loads here, so that listing the components stays quick
        from experiments.networks.fitting import fit

        return _RECENT.get(repr(self), x, y, streams, lambda: fit([(x, y, streams)], self)[0])
