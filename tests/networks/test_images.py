"""Networks of images: a step of the optimiser goes where the gradient says, in every layer."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from experiments.models.pixels import ConvNet
from experiments.networks.adversaries import Judge, maker
from experiments.networks.dense import Adam
from experiments.networks.images import indicators, placed
from experiments.networks.unet import UNet

NOISE = torch.randn(6, 64, generator=torch.Generator().manual_seed(1))
GIVEN = indicators(np.arange(6) % 2, 2)


def slopes_of(judge: nn.Module) -> Tensor:
    """A score and the square of its slope in the image, as in the adversarial game: second derivatives."""
    rows = NOISE.clone().requires_grad_()
    score = judge(torch.cat([rows, GIVEN], dim=1))
    [slope] = torch.autograd.grad(score.sum(), [rows], create_graph=True)
    return torch.as_tensor(score.sum() + slope.square().sum())


LOSSES = {
    "convnet": lambda net: net(NOISE.view(-1, 1, 8, 8))[:, 0].square().sum(),
    "judge": slopes_of,
    "maker": lambda net: net(torch.cat([NOISE[:, :3], GIVEN], dim=1)).square().sum(),
    "unet": lambda net: net(NOISE, NOISE[:, :1].sigmoid(), GIVEN).sum(),
}


def network(name: str) -> nn.Module:
    g = torch.Generator().manual_seed(0)
    made = {
        "convnet": lambda: nn.Sequential(*ConvNet(width=4).layers(8, 2, g)),
        "judge": lambda: Judge(8, 2, 4, g),
        "maker": lambda: maker(5, 8, 4, g),
        "unet": lambda: UNet(8, 2, 4, g),
    }
    return placed(made[name](), torch.device("cpu"))


@pytest.mark.parametrize("name", LOSSES)
def test_the_first_step_of_adam_is_the_sign_of_the_gradient(name: str) -> None:
    """Adam's first step is rate * g / (|g| + 1e-8): against the sign of g wherever |g| is not tiny."""
    net = network(name)
    optimizer = Adam(net.parameters(), 0.01)
    slopes = [g.clone() for g in torch.autograd.grad(LOSSES[name](net), optimizer.parameters)]
    before = [p.detach().clone() for p in optimizer.parameters]
    optimizer.descend(LOSSES[name](net))
    for old, new, slope in zip(before, optimizer.parameters, slopes):
        clear = slope.abs() > 1e-4
        torch.testing.assert_close((new - old)[clear], -0.01 * slope.sign()[clear], rtol=1e-3, atol=1e-6)
