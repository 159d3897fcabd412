"""More synthetic data: the signed gap falls to a floor that the responses set, and the distance to it vanishes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.rows import by_n

CAPTION = (
    "Left: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) against m/n at n = {n:,}, for "
    "responses with error e_r. Dotted: the floor Φ(μ̃) − Φ(f̂), fixed before any synthetic sample is drawn. Below "
    "zero synthetic training beats real training. Right: distance of the synthetic fit's risk from that of the "
    "responses, |Φ(f̃) − Φ(μ̃)|, against m, for every n (larger n: larger markers): it depends on m and vanishes, "
    "whatever the error of the responses."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `sample_sizes`."""
    rows = rows.assign(_error=rows.groupby("responses")["e_r"].transform("mean").round(6))
    figure = Figure(figsize=(style.WIDTH, 3.1))
    left, right = figure.subplots(1, 2)
    errors = sorted(rows["_error"].unique())
    for step, error in enumerate(errors):
        part = rows[rows["_error"] == error]
        look = style.ladder(step, len(errors))
        name = "exact responses" if error == 0 else f"e_r = {error:g}"
        _gap(left, part[part["n"] == part["n"].max()], look, name)
        _distance(right, part, look)
    left.axhline(0, color="0.3", linewidth=0.8)
    left.set_ylabel("signed gap (test)")
    left.set_title("up to the floor set by the responses")
    panels.legend_below(figure, left, columns=4)
    panels.log_sizes(right, np.array(sorted(rows["m"].unique())[::2]), "synthetic sample size m")
    panels.log_values(right, "mean |Φ(f̃) − Φ(μ̃)|")
    right.set_title("the distance to the floor vanishes")
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(n=rows["n"].max())


def _gap(ax: Axes, part: pd.DataFrame, look: style.Look, name: str) -> None:
    n = part["n"].iloc[0]
    for sizes, samples in by_n(part, ["responses"], "gap_test", axis="m").values():
        panels.mean_curve(ax, sizes / n, samples, name, look)
    floor = float((part["excess_response"] - part["excess_real"]).mean())
    ax.axhline(floor, **(style.PREDICTION | {"color": look["color"]}))
    ax.set_xscale("log", base=4)
    ax.set_xticks(sizes / n, [f"{r:g}" for r in sizes / n])
    ax.set_xlabel("synthetic over real sample size, m/n")


def _distance(ax: Axes, part: pd.DataFrame, look: style.Look) -> None:
    for step, (_, (sizes, samples)) in enumerate(by_n(part, ["n"], "off_floor", axis="m").items()):
        panels.mean_curve(ax, sizes, samples, "", look | {"markersize": 3 + 2 * step})
