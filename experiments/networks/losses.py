"""The losses: value per row and slope in the network's output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """A loss l(f, y) of an output f and a response y.

    Parameters
    ----------
    value : callable
        (f, y) to l(f, y), element by element.
    slope : callable
        (f, y) to the derivative of l in f, written over f.
    link : callable
        Output to prediction.
    """

    value: Callable[[Tensor, Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]
    link: Callable[[Tensor], Tensor]


def _squared(output: Tensor, response: Tensor) -> Tensor:
    return (output - response).square_()


def _squared_slope(output: Tensor, response: Tensor) -> Tensor:
    return output.sub_(response).mul_(2.0)


def _logistic(output: Tensor, response: Tensor) -> Tensor:
    return torch.logaddexp(output, torch.zeros_like(output)) - response * output


def _logistic_slope(output: Tensor, response: Tensor) -> Tensor:
    return output.sigmoid_().sub_(response)


LOSSES = {
    "squared": Loss(_squared, _squared_slope, torch.clone),
    "logistic": Loss(_logistic, _logistic_slope, torch.sigmoid),
}
