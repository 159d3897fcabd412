"""Scaling laws over a path of laws: curves level off where theory said they would."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.power_laws import fit_power_law
from figures import panels, style
from figures.rows import Array, by_n

AHEAD = 4
COLOURS = ("0.1", "#56b4e9", "#0173b2", "#d55e00", "#cc78bc")
CAPTION = (
    "Excess risk after synthetic training over the best of the class, with 95% intervals. Left: the linear class, "
    "which is wrong here; every law of features has its floor Δ∞, predicted before the data (dotted), 0 at the "
    "real law. Middle: the quadratic class is right, and all laws fall as a power. Right: what a fit to sizes up "
    "to a quarter of the largest (shaded) says of larger ones, for the linear class: with a floor (lines) it "
    "meets them, as a pure power law (dashed, the control) it promises too much."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `scaling`."""
    rows = rows.assign(difference=rows["excess_synthetic"] - rows["class_error"])
    figure = Figure(figsize=(style.WIDTH, 3.5))
    left, middle, right = figure.subplots(1, 3)
    looks = {name: _look(i) for i, name in enumerate(rows["synthetic_law"].unique())}
    for ax, learner, title in ((left, "linear", "wrong class: known floors"), (middle, "quadratic", "right class: no floor")):
        part = rows[rows["learner"] == learner]
        _curves(ax, part, looks)
        ax.set_title(title)
    left.set_ylabel("excess risk over the class's best")
    _forecasts(right, rows[(rows["learner"] == "linear") & (rows["limit"] > 1e-12)], looks)
    panels.legend_below(figure, left, 4)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _look(number: int) -> style.Look:
    return {"color": COLOURS[number % len(COLOURS)], "marker": "osD^v"[number % 5]}


def _curves(ax: Axes, rows: pd.DataFrame, looks: dict[str, style.Look]) -> None:
    for law, part in rows.groupby("synthetic_law", observed=True, sort=False):
        for name, (sizes, samples) in by_n(part, ["synthetic_law"], "difference").items():
            panels.mean_curve(ax, sizes, samples, name, looks[str(law)])
        if part["limit"].mean() > 1e-12:
            ax.axhline(part["limit"].mean(), **(style.PREDICTION | {"color": looks[str(law)]["color"]}))
    panels.log_sizes(ax, sizes, "rows n = m")
    panels.log_values(ax, "")


def _forecasts(ax: Axes, rows: pd.DataFrame, looks: dict[str, style.Look]) -> None:
    """Measured over predicted floor, so that all laws share one axis."""
    for law, part in rows.groupby("synthetic_law", observed=True, sort=False):
        shares = part.assign(share=part["difference"] / part["limit"].mean())
        for name, (sizes, samples) in by_n(shares, ["synthetic_law"], "share").items():
            _forecast(ax, sizes, samples, name, looks[str(law)])
    ax.axvspan(sizes[0] / 1.3, sizes[-1] / AHEAD * 1.2, color="0.93", zorder=0)
    ax.axhline(1, **style.PREDICTION)
    panels.log_sizes(ax, sizes, "rows n = m")
    ax.set_ylabel("excess risk / Δ∞")
    ax.set_title("forecasts from small n")


def _forecast(ax: Axes, sizes: Array, samples: Array, name: str, look: style.Look) -> None:
    panels.mean_curve(ax, sizes, samples, name, look | {"linestyle": "none"})
    seen = sizes <= sizes[-1] / AHEAD
    fine = np.geomspace(sizes[0], sizes[-1], 80)
    for floor, line in ((True, "-"), (False, "--")):
        if seen.sum() >= 4:
            law = fit_power_law(sizes[seen], samples[seen], floor)
            ax.plot(fine, [law.at(m) for m in fine], line, color=look["color"], linewidth=1)
