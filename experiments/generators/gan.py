"""A small generative adversarial network."""

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, component
from experiments.generators.encoding import Array, Draw, VectorGenerator

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WIDTH, BATCH, RATE = 64, 128, 3e-3
"""Hidden units, rows per step, first learning rate of both Adams (it falls to 0 along a cosine)."""

PENALTY, MEMORY = 1.0, 0.99
"""Weight of the judge's squared gradients; what the averaged maker keeps of itself at each step."""


@component("generator", "gan")
@dataclass(frozen=True)
class Gan(VectorGenerator):
    """A network turns noise and a class into a row; a judge tells it from training rows (Goodfellow et al. 2014).

    The judge compares made rows with real ones, its gradients at both are penalised, and rows are drawn from a running
    average of the maker; without these three it does not converge on tables (the losses of Huang et al. 2024). `steps`
    is its training length; more is not always better.
    """

    steps: Count = 1500
    latent: Count = 8

    costly: ClassVar[bool] = True

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Train maker and judge in turn."""
        import torch

        from experiments.networks.dense import batches, conditioned, dense, seeded, single_thread

        generator, q, k = seeded(rng), vectors.shape[1], int(labels.max()) + 1
        maker = dense((self.latent + k, WIDTH, WIDTH, q), generator)
        judge = dense((q + k, WIDTH, WIDTH, 1), generator)
        game = Game(maker, judge, self.steps)
        with single_thread():
            for batch in batches(conditioned(vectors, labels, k), BATCH, self.steps, generator):
                noise = torch.randn((len(batch), self.latent), generator=generator)
                game.play(batch[:, :q], noise, batch[:, q:])

        @torch.no_grad()
        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Array:
            noise = conditioned(rng.standard_normal((len(wanted), self.latent)), wanted, k)
            with single_thread():
                return np.asarray(game.averaged(noise).double().numpy())

        return draw


class Game:
    """Maker and judge with their optimisers, and the averaged maker."""

    def __init__(self, maker: "torch.nn.Module", judge: "torch.nn.Module", steps: int) -> None:
        from experiments.networks.dense import Adam

        self.maker, self.judge, self.averaged = maker, judge, deepcopy(maker)
        self.making, self.judging = (Adam(n.parameters(), RATE, steps, betas=(0.0, 0.99)) for n in (maker, judge))

    def play(self, rows: "Tensor", noise: "Tensor", condition: "Tensor") -> None:
        """Take one step of the judge and one of the maker."""
        import torch
        from torch.nn.functional import softplus

        made = self.maker(torch.cat([noise, condition], dim=1))
        real, false = rows.clone().requires_grad_(), made.detach().requires_grad_()
        for_real, for_false = self._scores(real, condition), self._scores(false, condition)
        slopes = torch.autograd.grad([for_real.sum(), for_false.sum()], [real, false], create_graph=True)
        penalty = torch.stack([slope.square().sum(dim=1).mean() for slope in slopes]).sum()
        self.judging.descend(softplus(for_false - for_real).mean() + PENALTY / 2 * penalty)
        with torch.no_grad():
            level = self._scores(rows, condition)
        self.making.descend(softplus(level - self._scores(made, condition)).mean())
        with torch.no_grad():
            for mean, current in zip(self.averaged.parameters(), self.maker.parameters()):
                mean.lerp_(current, 1 - MEMORY)

    def _scores(self, rows: "Tensor", condition: "Tensor") -> "Tensor":
        import torch

        return torch.as_tensor(self.judge(torch.cat([rows, condition], dim=1)))
