"""Conditional variational autoencoder."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, component
from experiments.generators.encoding import Array, Draw, VectorGenerator

WIDTH, BATCH, RATE = 128, 128, 2e-3
"""Hidden units, rows per step, learning rate of Adam."""


@component("generator", "cvae")
@dataclass(frozen=True)
class Cvae(VectorGenerator):
    """A normal latent variable, decoded given the class; trained on the evidence lower bound (Kingma, Welling 2014).

    Decoder: a normal law with a variance for each column. `epochs` is its training length.
    """

    epochs: Count = 50
    latent: Count = 16

    costly: ClassVar[bool] = True

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Train encoder and decoder together."""
        import torch

        from experiments.networks.dense import Adam, batches, conditioned, dense, seeded, single_thread

        generator, q, k = seeded(rng), vectors.shape[1], int(labels.max()) + 1
        encoder = dense((q + k, WIDTH, 2 * self.latent), generator)
        decoder = dense((self.latent + k, WIDTH, q), generator)
        log_spread = torch.zeros(q, requires_grad=True)
        optimizer = Adam([*encoder.parameters(), *decoder.parameters(), log_spread], RATE)
        steps = self.epochs * max(1, len(vectors) // BATCH)
        with single_thread():
            for batch in batches(conditioned(vectors, labels, k), BATCH, steps, generator):
                mean, log_scale = encoder(batch).chunk(2, dim=1)
                noise = torch.randn(mean.shape, generator=generator)
                decoded = decoder(torch.cat([mean + log_scale.exp() * noise, batch[:, q:]], dim=1))
                fit = (0.5 * ((batch[:, :q] - decoded) / log_spread.exp()) ** 2 + log_spread).sum(dim=1)
                divergence = (0.5 * (mean**2 + (2 * log_scale).exp() - 1) - log_scale).sum(dim=1)
                optimizer.descend((fit + divergence).mean())

        @torch.no_grad()
        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Array:
            latent = conditioned(rng.standard_normal((len(wanted), self.latent)), wanted, k)
            with single_thread():
                decoded = decoder(latent).double().numpy()
            return np.asarray(decoded + log_spread.exp().double().numpy() * rng.standard_normal((len(wanted), q)))

        return draw
