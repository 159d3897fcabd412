"""Flow matching with a small U-Net: a velocity field that carries normal noise to images of a class."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, Range, component
from experiments.generators.images import Device, DrawImages, ImageGenerator, Images

BATCH, RATE = 64, 2e-3
"""Images per step, first learning rate of Adam (it falls to 0 along a cosine)."""


@component("generator", "image_flow")
@dataclass(frozen=True)
class ImageFlow(ImageGenerator):
    """Regress x1 on x = (1 - t) x0 + t x1, t and class, x0 normal; from noise at t = 0 follow the velocity (x1 - x) / (1 - t).

    Flow matching with straight paths (Lipman et al. 2023; Liu et al. 2023), on pixels in [-1, 1]: the velocity x1 - x0 given
    x is a function of what is expected of x1, which a small network learns faster. `steps` is its training length, `moves`
    the number of midpoint steps from noise to an image: two passes through the network each.
    """

    steps: Count = 2000
    width: Annotated[int, Range("a multiple of 4", lambda width: width > 0 and width % 4 == 0)] = 16
    moves: Count = 10
    device: Device = "auto"

    costly: ClassVar[bool] = True

    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Train the velocity."""
        import torch

        from experiments.networks.dense import Adam, batches, seeded
        from experiments.networks.images import device_of, in_slabs, indicators, placed, reproducible
        from experiments.networks.unet import UNet

        generator, device, q = seeded(rng), device_of(self.device), images.shape[1]
        network = placed(UNet(round(q**0.5), classes, self.width, generator), device)
        optimizer = Adam(network.parameters(), RATE, self.steps)
        data, given = torch.from_numpy(2 * images - 1).to(device), indicators(labels, classes).to(device)
        with reproducible():
            for rows in batches(torch.arange(len(data)), BATCH, self.steps, generator):
                end, condition = data[rows.to(device)], given[rows.to(device)]
                start = torch.randn(end.shape, generator=generator).to(device)
                time = torch.rand((len(end), 1), generator=generator).to(device)
                foreseen = network((1 - time) * start + time * end, time, condition)
                optimizer.descend((foreseen - end).square().mean())

        def followed(state: torch.Tensor) -> torch.Tensor:
            """Follow the velocity from normal noise, by the midpoint rule."""
            point, condition = state[:, :q], state[:, q:]
            for move in range(self.moves):
                early, middle = (torch.full_like(point[:, :1], (move + part) / self.moves) for part in (0.0, 0.5))
                half = point + velocity(point, early, condition) / (2 * self.moves)
                point = point + velocity(half, middle, condition) / self.moves
            return point

        def velocity(point: torch.Tensor, time: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            return torch.div(network(point, time, condition) - point, 1 - time)

        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Images:
            noise = torch.from_numpy(rng.standard_normal((len(wanted), q), dtype=np.float32))
            made = in_slabs(followed, torch.cat([noise, indicators(wanted, classes)], dim=1), device)
            return np.asarray(0.5 * made + 0.5)

        return draw
