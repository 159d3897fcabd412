"""Measured against predicted risk after synthetic training, for linear smoothers."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from experiments.estimators.intervals import mean_interval, simultaneous_level
from figures import panels, style, tidy

caption = panels.caption(
    "Left: mean excess risk Φ(f̃) on real data after synthetic training, measured against predicted from the features before "
    "any response was seen; a point is a learner, a law and a sample size, and on the line both agree. Right: measured over "
    "predicted with joint 99.9% intervals, {cells:.0f} cells; grey crosses are the control, a prediction in which the second "
    "stage averages none of the first stage's noise away. The law that leaves half of the features out needs no exception."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measured and predicted means of every cell, and their ratios with joint intervals."""
    rows = rows[rows["predicted"].notna()]
    cells = list(rows.groupby(["learner", "task", "synthetic_law", "n"], observed=True, sort=False))
    level, parts = simultaneous_level(max(1, len(cells)), 0.999), []
    for place, ((learner, task, law, n), own) in enumerate(sorted(cells, key=lambda cell: str(cell[0][0]))):
        name = f"{learner}, p = 2" if task == "saddle" else str(learner)
        predicted, fixed = float(own["predicted"].mean()), {"law": law, "n": n, "cells": len(cells)}
        ratio = mean_interval(1 + (own["excess_synthetic"] - own["predicted"]) / predicted, level)
        control = ratio.value * predicted / float(own["predicted_unaveraged"].mean())
        parts.append(tidy.values(name, [predicted], [ratio.value * predicted], panel="means", **fixed))
        parts.append(tidy.points(name, [place], [ratio], panel="ratio", **fixed))
        parts.append(tidy.values("control", [place], [control], panel="control", **fixed))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `expected_error`."""
    figure, [[left, right]] = panels.grid(3.2, 1, 2, width_ratios=[1, 1.4])
    means, ratio = panels.of(estimates, "means"), panels.of(estimates, "ratio")
    ends = [0.8 * means["x"].min(), 1.25 * means["x"].max()]
    left.plot(ends, ends, **style.PREDICTION, zorder=0)
    for name, own in means.groupby("curve", sort=False):
        look = style.look(style.base(str(name))) | {"linestyle": "none"}
        hollow = {"markerfacecolor": "white"} if "p = 2" in str(name) else {}
        panels.curve(left, own, _called(str(name)), look | hollow)
        panels.curve(right, ratio[ratio["curve"] == name], "", look | hollow | {"markersize": 3})
    control = panels.of(estimates, "control")
    right.plot(control["x"], control["value"], **style.CONTROL, linestyle="none", label="_", zorder=0)
    right.axhline(1, **style.PREDICTION)
    right.set_xticks([])
    text = "control: noise of responses not averaged"
    right.text(0.02, 0.03, text, transform=right.transAxes, fontsize=8, color=style.CONTROL["color"])
    right.set(xlabel="learner, law and n", ylabel="measured / predicted", title="ratio 1 for every learner, law and n")
    panels.log_values(left, "measured mean excess risk", title="the risk is the predicted one")
    left.set(xscale="log", xlabel="predicted from features alone")
    left.xaxis.set_major_formatter(panels.Plain())
    left.xaxis.set_minor_formatter(NullFormatter())
    panels.legend_below(figure, left)
    return figure


def _called(name: str) -> str:
    learner, _, features = name.partition(", ")
    return panels.learner(learner) + (f", {features}" if features else "")
