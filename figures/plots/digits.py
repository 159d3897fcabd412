"""Risk after real and after synthetic training, model by model: utility is the distance, ranking the crossing of lines."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pairwise
from figures import panels, style, tidy
from figures.rows import gaps, sources

caption = panels.caption(
    "Left: error rate on real test images after training on real and on synthetic images; lines that cross change the "
    "ranking of models. Middle: the signed gap of each model with its joint 99.9% interval over test rows, training rows and "
    "refits; U is its absolute value. Right: differences of risk of each pair of models after real (black) and synthetic "
    "training; on opposite sides of 0 the pair is flipped. Crosses: the control, whose labels are wrong in 40%."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return risks by model and source, signed gaps, and differences of each pair of models, at the largest n.

    A curve is a source of training rows, a label a model or a pair of models.
    """
    rows = rows[rows["n"] == rows["n"].max()]
    real, synthetic = sources(rows)
    tables, models = {"real": real, **synthetic}, real.models
    parts = []
    for source, table in tables.items():
        parts += [tidy.values(source, [np.nan], [own.mean()], panel="risk", label=m) for m, own in zip(models, table.full)]
    level = simultaneous_level(len(models) * len(synthetic), 0.999)
    for source, table in synthetic.items():
        found = zip(models, gaps(real, table, level))
        parts += [tidy.points(source, [np.nan], [gap], panel="gap", label=model) for model, gap in found]
    level = simultaneous_level(len(models) * (len(models) - 1) // 2 * len(tables), 0.999)
    differences = {s: pairwise(t.full, t.halves, level) for s, t in tables.items()}
    for (i, j), truth in differences["real"].items():
        sign, better, worse = (1.0, i, j) if truth.value <= 0 else (-1.0, j, i)
        for source, own in differences.items():
            label = f"{models[worse]} − {models[better]}"
            parts.append(tidy.points(source, [np.nan], [own[i, j].scaled(-sign)], panel="difference", label=label))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return three panels: risks, signed gaps, differences of pairs."""
    figure, [[left, middle, right]] = panels.grid(3.6, 1, 3, width_ratios=[1, 1, 1.2])
    _risks(left, panels.of(estimates, "risk"))
    _intervals(middle, panels.of(estimates, "gap"))
    middle.set(xlabel="signed gap", title="utility")
    _intervals(right, panels.of(estimates, "difference"))
    right.set(xlabel="worse − better on real data", title="ranking")
    panels.legend_below(figure, right)
    return figure


def _risks(ax: Axes, part: pd.DataFrame) -> None:
    """One line for each model from its real to its synthetic risks."""
    names = list(part["curve"].unique())
    ends = part[part["curve"] == names[-1]].sort_values("value")
    spread = max(ends["value"].max() - ends["value"].min(), 1e-9)
    heights = dict(zip(ends["label"], _apart(ends["value"].to_numpy(), spread / 16)))
    for model, own in part.groupby("label", sort=False):
        look = style.look(str(model))
        ax.plot(range(len(own)), own["value"], **look)
        panels.at_end(ax, len(own) - 1, heights[model], str(model), look["color"])
    ax.set_xticks(range(len(names)), names, rotation=20, ha="right", fontsize=7)
    ax.set(xlim=(-0.2, len(names) + 0.3), ylabel="error rate on real test images", title="risk by source")


def _apart(heights: panels.Array, least: float) -> panels.Array:
    """Heights in rising order, moved up where labels would overlap."""
    steps = least * np.arange(len(heights))
    return np.asarray(np.maximum.accumulate(heights - steps) + steps)


def _intervals(ax: Axes, part: pd.DataFrame) -> None:
    """Horizontal intervals, one group for each label, sources side by side within it."""
    groups, members = list(part["label"].unique()), list(part["curve"].unique())
    for source, own in part.groupby("curve", sort=False):
        y = own["label"].map(groups.index) + 0.22 * (members.index(source) - (len(members) - 1) / 2)
        look = style.look(str(source), control="flips" in str(source))
        ax.errorbar(own["value"], y, xerr=panels.reach(own), linestyle="none", capsize=2, label=source, **look)
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.set_yticks(range(len(groups)), [name.replace(" − ", "\n− ") for name in groups], fontsize=7)
    ax.invert_yaxis()
