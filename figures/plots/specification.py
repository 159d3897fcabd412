"""Features and model class: only both faults together leave a gap, at the predicted height, all along a path of laws."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import plateau
from figures import panels, style
from figures.rows import by_n, matching

CAPTION = (
    "Left: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) against n = m in the four corners "
    "of features and class, least squares; lines mark the limits Δ∞, computed from laws and class before any data. It "
    "takes both faults to lose. Middle and right: the fitted limit a of a + b/n with its joint 99.9% interval, "
    "against the total variation between the laws on the path Beta(1, 1) to Beta({a:g}, 1), for least squares and for "
    "logistic regression; dotted lines are the predictions. The right classes (squares) stay at 0 however far the "
    "features are."
)
LOOKS = {"wrong": {"color": "#d55e00", "marker": "o"}, "right": {"color": "#0173b2", "marker": "s"}}


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `specification`."""
    rows = rows[rows["limit"].notna()]
    rows = rows.assign(_class=(rows["class_error"] > 1e-9).map({True: "wrong", False: "right"}))
    figure = Figure(figsize=(style.WIDTH, 3.0))
    tasks = list(rows["task"].unique())
    axes = figure.subplots(1, 1 + len(tasks), squeeze=False)[0]
    _corners(axes[0], matching(rows, {"task": tasks[0]}))
    for ax, task in zip(axes[1:], tasks):
        _path(ax, matching(rows, {"task": task}), "least squares" if task == "parabola" else "logistic")
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(a=1 + 1 / rows["d"].min())


def _corners(ax: Axes, rows: pd.DataFrame) -> None:
    """Both classes at the same and at the middle law of the path."""
    distance = rows.groupby("synthetic_law")["total_variation"].first().sort_values()
    for law in {distance.index[0]: None, distance.index[len(distance) // 2]: None}:
        for kind in ("wrong", "right"):
            part = rows[(rows["synthetic_law"] == law) & (rows["_class"] == kind)]
            if part.empty:
                continue
            same = distance[law] < 1e-9
            look = LOOKS[kind] | ({"markerfacecolor": "white", "linestyle": "--"} if same else {})
            for sizes, samples in by_n(part, ["synthetic_law"], "gap_test").values():
                panels.mean_curve(ax, sizes, samples, f"{kind} class, {'same' if same else 'different'} features", look)
            ax.axhline(float(part["limit"].mean()), **style.PREDICTION)
    panels.log_sizes(ax, np.array(sorted(rows["n"].unique())))
    ax.set_ylabel("signed gap")
    ax.set_title("it takes both faults")
    panels.legend(ax, "upper right", 6)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.35 * (high - low))


def _path(ax: Axes, rows: pd.DataFrame, name: str) -> None:
    """Predicted curve and measured limits along the path."""
    groups = rows.groupby(["_class", "synthetic_law"], observed=True, sort=False)
    level = simultaneous_level(groups.ngroups, 0.999)
    for kind, look in LOOKS.items():
        own = rows[rows["_class"] == kind]
        if own.empty:
            continue
        path = own.groupby("synthetic_law")[["total_variation", "limit"]].mean().sort_values("total_variation")
        ax.plot(path["total_variation"], path["limit"], **style.PREDICTION)
        if own["n"].nunique() >= 3:
            tables = {law: by_n(own[own["synthetic_law"] == law], ["synthetic_law"], "gap_test") for law in path.index}
            at = [path["total_variation"][law] for law, curves in tables.items() for _ in curves]
            limits = [plateau(*curve, level) for curves in tables.values() for curve in curves.values()]
            panels.interval_curve(ax, at, limits, f"{kind} class", look | {"linestyle": "none"})
    ax.set_xlabel("total variation of P and Q")
    ax.set_ylabel("limit of the signed gap")
    ax.set_title(f"as predicted: {name}")
    panels.legend(ax, "upper left")
