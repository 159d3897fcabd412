"""What a response error costs: utility against e_r in the worst and in a smooth direction, and how the bound tightens."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, style
from figures.rows import by_n, without_options

CAPTION = (
    "Left: mean utility U on an independent real test set (95% intervals) against the response error e_r, for an "
    "error in the worst direction (circles) and a smooth one (squares), at the smallest (open) and the largest n "
    "(filled). Dotted: what the responses alone cost, Φ(μ̃): in the worst direction it equals the sharp transfer "
    "bound T_M(e_r²), so no error of this size costs more. Right: mean share of the two-sided bound that U takes up, "
    "in the cells with e_s ≤ e_r/4: it rises with n."
)
LOOKS = {"worst": {"color": "#d55e00", "marker": "o"}, "biased": {"color": "#0173b2", "marker": "s"}}
NAMES = {"worst": "worst direction", "biased": "smooth direction"}


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `responses`."""
    rows = rows.assign(_kind=without_options(rows["responses"]))
    figure = Figure(figsize=(style.WIDTH, 3.3))
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    for kind, look in LOOKS.items():
        part = rows[rows["_kind"] == kind]
        if not part.empty:
            _cost(left, part, look, NAMES[kind])
            _shares(right, part, look, NAMES[kind])
    left.set_xscale("log")
    left.set_xlabel("response error e_r")
    panels.log_values(left, "mean utility U (test)")
    left.set_title("the direction decides the cost")
    panels.legend(left, "upper left", 6.5)
    panels.log_sizes(right, np.array(sorted(rows["n"].unique())))
    right.set_ylabel("mean of U / bound, where e_s ≤ e_r/4")
    right.set_ylim(0, 1)
    right.set_title("the bound tightens with n")
    panels.legend(right, "lower right", 6.5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION


def _cost(ax: Axes, part: pd.DataFrame, look: style.Look, name: str) -> None:
    for n, filled in ((part["n"].min(), False), (part["n"].max(), True)):
        cells = [c for _, c in part[part["n"] == n].groupby("e_r")]
        estimates = [mean_interval(c["utility_test"], 0.95) for c in cells]
        face = look | ({} if filled else {"markerfacecolor": "white", "linewidth": 0.8})
        panels.interval_curve(ax, [c["e_r"].iloc[0] for c in cells], estimates, f"{name}, n = {n:,}", face)
    alone = part.groupby("e_r")["excess_response"].mean()
    ax.plot(alone.index, alone, **style.PREDICTION)


def _shares(ax: Axes, part: pd.DataFrame, look: style.Look, name: str) -> None:
    means = part.groupby("cell")[["e_s", "e_r"]].transform("mean")
    near = part[means["e_s"] <= means["e_r"] / 4].assign(share=lambda r: r["utility_test"] / r["bound_two_sided"])
    for step, (label, (sizes, samples)) in enumerate(by_n(near, ["responses"], "share").items()):
        if len(sizes) > 1:
            error = label.partition("=")[2].rstrip(")")
            dash = ("-", "--", ":", "-.")[step % 4]
            panels.mean_curve(ax, sizes, samples, f"{name}, e_r = {error}", look | {"linestyle": dash})
