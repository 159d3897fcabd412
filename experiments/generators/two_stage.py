"""The two-stage generator of simulated worlds: features from Q, then responses from mu-tilde."""

from dataclasses import dataclass

from experiments.config.registry import Component, NonNegative, component


@component("generator", "two_stage")
@dataclass(frozen=True)
class TwoStage(Component):
    """Draw X-tilde from a given law Q, then Y-tilde about mu-tilde(X-tilde) with noise_ratio times the task's noise."""

    noise_ratio: NonNegative = 1.0
