"""Flow matching: a velocity field that carries normal noise to the data."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, component
from experiments.generators.encoding import Array, Draw, VectorGenerator

WIDTH, BATCH, RATE = 192, 256, 2e-3
"""Hidden units, rows per step, first learning rate of Adam (it falls to 0 along a cosine)."""

MOVES = 30
"""Midpoint steps from noise to data."""


@component("generator", "flow")
@dataclass(frozen=True)
class Flow(VectorGenerator):
    """Regress x1 - x0 on ((1 - t) x0 + t x1, t, class), x0 normal, and follow that velocity from noise at t = 0.

    Flow matching with straight paths (Lipman et al. 2023; Liu et al. 2023). `steps` is its training length.
    """

    steps: Count = 1000

    costly: ClassVar[bool] = True

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Train the velocity."""
        import torch

        from experiments.networks.dense import Adam, batches, conditioned, dense, seeded, single_thread

        generator, q, k = seeded(rng), vectors.shape[1], int(labels.max()) + 1
        velocity = dense((q + k + 1, WIDTH, WIDTH, q), generator)
        optimizer = Adam(velocity.parameters(), RATE, self.steps)
        with single_thread():
            for batch in batches(conditioned(vectors, labels, k), BATCH, self.steps, generator):
                data, condition = batch[:, :q], batch[:, q:]
                start = torch.randn(data.shape, generator=generator)
                time = torch.rand((len(data), 1), generator=generator)
                moved = velocity(torch.cat([(1 - time) * start + time * data, condition, time], dim=1))
                optimizer.descend((moved - (data - start)).square().mean())

        @torch.no_grad()
        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Array:
            """Follow the velocity from normal noise, by the midpoint rule."""
            state = conditioned(rng.standard_normal((len(wanted), q)), wanted, k)
            point, condition = state[:, :q], state[:, q:]
            with single_thread():
                for time in np.arange(MOVES) / MOVES:
                    first = velocity(_at(point, condition, time))
                    point = point + velocity(_at(point + first / (2 * MOVES), condition, time + 0.5 / MOVES)) / MOVES
            return np.asarray(point.double().numpy())

        def _at(point: torch.Tensor, condition: torch.Tensor, time: float) -> torch.Tensor:
            return torch.cat([point, condition, torch.full((len(point), 1), float(time))], dim=1)

        return draw
