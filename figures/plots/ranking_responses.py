"""How bad responses may get: the order of models against the response error, with tolerance and flip point, and label flips."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.intervals import mean_interval
from figures import panels, style
from figures.pairs import consistent, joined, share

CAPTION = (
    "Top: probability that synthetic data rank a linear class and nearest neighbours as real data do (n = m = {n:,}, "
    "Wilson 95% intervals) against the response error e_r, at two laws. In the worst direction (circles) the order is "
    "kept up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same "
    "size (squares) keep it. Bottom left: the same for logistic regression (the right class) and a single neighbour "
    "in 0-1 risk, against the rate of flipped labels: flips at random keep the order, flips of one class (grey "
    "crosses, the control) do not. Bottom right: meanwhile the utilities in squared error grow."
)
LOOKS = {
    "worst": {"color": "#d55e00", "marker": "o"},
    "biased": {"color": "#0173b2", "marker": "s"},
    "flips": {"color": "#0173b2", "marker": "s"},
    "one_sided": style.CONTROL,
}
NAMES = {"worst": "worst direction", "biased": "smooth direction", "flips": "both classes", "one_sided": "zeros only"}
Axis = Callable[[str, pd.DataFrame], float]


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_responses`."""
    rows = rows[rows["n"] == rows["n"].max()].assign(_kind=rows["responses"].str.partition("(")[0])
    figure = Figure(figsize=(style.WIDTH, 4.6))
    top, (left, right) = figure.subplots(2, 2)
    numbers = joined(rows, "linear", "knn")
    for ax, (law, part) in zip(top, numbers.groupby("synthetic_law", observed=True, sort=False)):
        _kinds(ax, part, lambda _, cell: float(cell["e_r_1"].iloc[0]))
        _predicted(ax, part)
        ax.set_xlabel("response error e_r")
        ax.set_title(f"features {law}")
    _kinds(left, joined(rows, "logistic", "nearest_one"), lambda name, _: rate(name))
    left.set_xlabel("rate of flipped labels")
    left.set_title("classifiers: flips at random keep the order")
    _growth(right, rows[rows["_kind"] == "flips"])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(n=rows["n"].max())


def rate(responses: str) -> float:
    """Return the rate in a label such as `flips(zero=0.2)`."""
    return float(responses.partition("=")[2].rstrip(")"))


def _kinds(ax: Axes, pair: pd.DataFrame, where: Axis) -> None:
    for kind, part in pair.groupby("_kind_1", observed=True, sort=False):
        cells = [(where(str(name), cell), cell) for name, cell in part.groupby("responses", observed=True, sort=False)]
        estimates = [share(consistent(cell, "risk_real_test", "risk_synthetic_test"), 0.95) for _, cell in cells]
        panels.interval_curve(ax, [x for x, _ in cells], estimates, NAMES[str(kind)], LOOKS[str(kind)])
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("P(consistent ranking)")
    ax.legend(loc="lower left", fontsize=6.5)


def _predicted(ax: Axes, part: pd.DataFrame) -> None:
    worst = part[part["_kind_1"] == "worst"]
    if worst.empty:
        return
    tolerance, flip = (float(worst[f"{name}_1"].iloc[0]) for name in ("tolerance", "flip"))
    right = float(part["e_r_1"].max())
    ax.axvspan(flip, max(flip, min(float(worst["flip_end_1"].iloc[0]), 1.05 * right)), color="0.9", zorder=0)
    ax.axvline(tolerance, **style.PREDICTION)
    ax.annotate("δ*", (tolerance, 0.5), xytext=(-3, 0), textcoords="offset points", ha="right", fontsize=8)
    ax.annotate("δ°", (flip, 0.5), xytext=(3, 0), textcoords="offset points", fontsize=8)


def _growth(ax: Axes, rows: pd.DataFrame) -> None:
    for name, part in rows.groupby("learner", observed=True, sort=False):
        cells = [(rate(str(label)), cell) for label, cell in part.groupby("responses", observed=True, sort=False)]
        estimates = [mean_interval(cell["squared_utility"], 0.95) for _, cell in cells]
        panels.interval_curve(ax, [x for x, _ in cells], estimates, str(name), style.look(str(name)))
    ax.set_xlabel("rate of flipped labels, both classes")
    ax.set_ylabel("mean utility, squared error")
    ax.set_title("meanwhile the utilities grow")
    ax.legend(loc="upper left")
