"""How bad responses may get: the order of models against the response error, with tolerance and flip point, and label flips."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, style
from figures.claims.pairs import joined
from figures.order_panels import by_kind, predicted, rate
from figures.rows import without_options

CAPTION = (
    "Top: probability that synthetic data rank a linear class and nearest neighbours as real data do (n = m = {n:,}, "
    "Wilson 95% intervals) against the response error e_r, at two laws. In the worst direction (circles) the order is "
    "kept up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same "
    "size (squares) keep it. Bottom left: the same for logistic regression (the right class) and a single neighbour "
    "in 0-1 risk, against the rate of flipped labels: flips at random keep the order, flips of one class (grey "
    "crosses, the control) do not. Bottom right: meanwhile the utilities in squared error grow."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_responses`."""
    rows = rows[rows["n"] == rows["n"].max()].assign(_kind=without_options(rows["responses"]))
    figure = Figure(figsize=(style.WIDTH, 4.6))
    top, (left, right) = figure.subplots(2, 2)
    numbers = joined(rows, "linear", "knn")
    for ax, (law, part) in zip(top, numbers.groupby("synthetic_law", observed=True, sort=False)):
        by_kind(ax, part, lambda _, cell: float(cell["e_r_1"].iloc[0]))
        predicted(ax, part)
        ax.legend(loc="lower left", fontsize=6.5)
        ax.set_xlabel("response error e_r")
        ax.set_title(f"features {law}")
    by_kind(left, joined(rows, "logistic", "nearest_one"), lambda name, _: rate(name))
    left.legend(loc="lower left", fontsize=6.5)
    left.set_xlabel("rate of flipped labels")
    left.set_title("classifiers: flips at random keep the order")
    _growth(right, rows[rows["_kind"] == "flips"])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(n=rows["n"].max())


def _growth(ax: Axes, rows: pd.DataFrame) -> None:
    for name, part in rows.groupby("learner", observed=True, sort=False):
        cells = [(rate(str(label)), cell) for label, cell in part.groupby("responses", observed=True, sort=False)]
        estimates = [mean_interval(cell["squared_utility"], 0.95) for _, cell in cells]
        panels.interval_curve(ax, [x for x, _ in cells], estimates, str(name), style.look(str(name)))
    ax.set_xlabel("rate of flipped labels, both classes")
    ax.set_ylabel("mean utility, squared error")
    ax.set_title("meanwhile the utilities grow")
    ax.legend(loc="upper left")
