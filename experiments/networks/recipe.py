"""The options of a network and of its training, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.config.registry import require

_LEAST = {"width": 1, "depth": 0, "steps": 0, "epochs": 0, "batch_size": 1, "check_every": 1, "patience": 1}
_CHOICES = {
    "activation": ("relu", "tanh"),
    "initial": ("fan_in", "glorot"),
    "loss": ("squared", "logistic"),
    "schedule": ("constant", "linear", "cosine"),
    "dtype": ("float32", "float64"),
    "device": ("auto", "cpu", "cuda"),
}


@dataclass(frozen=True)
class Recipe:
    """The options of a fully connected network with one output and of its training by AdamW.

    Parameters
    ----------
    width, depth : int
        Units per hidden layer (at least 1) and number of hidden layers (0 is a linear model).
    activation : {"relu", "tanh"}
        Applied after every hidden layer.
    initial : {"fan_in", "glorot"}
        Initial weights and biases are uniform on ±b, by layer: b² = 1 / inputs (the default of `torch.nn.Linear`), or
        b² = 6 / (inputs + outputs) (Glorot and Bengio, 2010; scikit-learn's way).
    loss : {"squared", "logistic"}
        Squared error, or the logistic loss of a response in [0, 1]; with the latter the network predicts a probability.
    steps, epochs : int
        Length of the training: exactly one of them is positive. A number of epochs e over n rows is
        ceil(e n / batch_size) steps, so samples of different sizes then train for different numbers of steps.
    batch_size : int
        Rows per step, drawn from one random permutation of the training rows after another; a batch may span two.
    learning_rate : float
        Step length at the start, positive.
    schedule : {"constant", "linear", "cosine"}
        How the step length falls over the training; the last two end at zero.
    weight_decay : float
        Decoupled decay of every parameter, at least 0 (Loshchilov and Hutter, 2019).
    holdout : float
        Share of the rows kept out of training, in [0, 1); 0 trains to the end. Otherwise the weights with the least
        held-out loss are kept.
    check_every, patience : int
        The held-out loss is looked at every `check_every` steps and at the end; training stops after `patience` looks
        in a row without a new least value.
    standardize : bool
        Centre and scale features (and the response, for the squared loss) by each network's own training rows.
    dtype : {"float32", "float64"}
        Precision of the training; TF32 is never used.
    device : {"auto", "cpu", "cuda"}
        Where to train; "auto" takes a GPU where there is one.
    memory_mib : float
        Memory the training of one chunk of networks may take, in MiB. The chunks follow from this and the shapes alone.
    """

    width: int = 64
    depth: int = 2
    activation: str = "relu"
    initial: str = "fan_in"
    loss: str = "squared"
    steps: int = 1500
    epochs: int = 0
    batch_size: int = 64
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    weight_decay: float = 0.0
    holdout: float = 0.0
    check_every: int = 100
    patience: int = 5
    standardize: bool = True
    dtype: str = "float32"
    device: str = "auto"
    memory_mib: float = 64.0

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            require(getattr(self, name) >= least, name, f"an integer of at least {least}", getattr(self, name))
        for name, allowed in _CHOICES.items():
            require(getattr(self, name) in allowed, name, f"one of {', '.join(allowed)}", getattr(self, name))
        require((self.steps > 0) != (self.epochs > 0), "steps", "this or epochs positive, the other 0", self.steps)
        require(0 <= self.holdout < 1, "holdout", "a share in [0, 1)", self.holdout)
        require(0 <= self.weight_decay < math.inf, "weight_decay", "a finite value of at least 0", self.weight_decay)
        for name in ("learning_rate", "memory_mib"):
            require(0 < getattr(self, name) < math.inf, name, "a positive finite value", getattr(self, name))

    def horizon(self, rows: int) -> int:
        """Return the number of steps for a network with this many training rows."""
        return self.steps or math.ceil(self.epochs * rows / self.batch_size)

    def held_out(self, rows: int) -> int:
        """Return how many of `rows` rows are held out: at least one where any share is asked for."""
        return max(1, round(self.holdout * rows)) if self.holdout > 0 else 0

    def rate(self, step: int, horizon: int) -> float:
        """Return the learning rate of step 0, 1, ..., horizon - 1."""
        done = step / horizon
        shape = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + math.cos(math.pi * done))}
        return self.learning_rate * shape[self.schedule]

    def limit(self, fan_in: int, fan_out: int) -> float:
        """Return the largest absolute value of a layer's initial parameters."""
        return math.sqrt(1 / fan_in if self.initial == "fan_in" else 6 / (fan_in + fan_out))

    def sizes(self, inputs: int) -> tuple[int, ...]:
        """Return the number of units of every layer, from the inputs to the one output."""
        return (inputs, *[self.width] * self.depth, 1)
