"""From estimates to axes: the pieces that figures share; `ax` in, nothing out."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatterSciNotation, NullFormatter
from numpy.typing import NDArray

from experiments.intervals import mean_interval
from figures import style

Array = NDArray[np.float64]


def mean_curve(ax: Axes, sizes: Array, samples: Array, name: str, label: str | None = None, control: bool = False) -> None:
    """Draw means over replicates `samples (K, R)` at `sizes (K,)` with 95% intervals, in the name's colour."""
    estimates = [mean_interval(row, 0.95) for row in samples]
    look = style.CONTROL if control else {"color": style.colour(name), "marker": style.marker(name)}
    low = [e.value - e.low for e in estimates]
    high = [e.high - e.value for e in estimates]
    ax.errorbar(sizes, [e.value for e in estimates], yerr=[low, high], capsize=2, label=label or name, **look)


def log_sizes(ax: Axes, sizes: Array, label: str = "sample size n = m") -> None:
    """Put sample sizes on a logarithmic axis, ticks at the sizes."""
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{s:,.0f}" for s in sizes])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(axis="x", labelrotation=45 if len(sizes) > 5 else 0)
    ax.set_xlabel(label)


def log_values(ax: Axes, label: str) -> None:
    """Put the values on a logarithmic axis."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(LogFormatterSciNotation())
    ax.set_ylabel(label)


def at_end(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a direct label right of the point (x, y)."""
    ax.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7.5, color=colour)
