"""A broken link: who notices it, and which target it costs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import kendalltau

from experiments.estimators.intervals import mean_interval
from figures import panels, style

SOURCES = (("joint", "link kept", style.look("knn")), ("broken", "link broken", style.look("leaking")))
CAPTION = (
    "Two generators of linked tables, with 95% intervals over replicates. Left: discriminators that see one table "
    "cannot tell either from real rows (0.5; a little below, because the generator was fitted to the test's real "
    "rows too); with the mean of the children beside each parent the broken link shows at once. Middle: utility U "
    "of models whose target needs the link, and of one that does not. Right: Kendall's τ between the order of the "
    "models' risks after synthetic and after real training: it survives even the broken link."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `relational`."""
    rows = rows[rows["n"] == rows["n"].max()]
    figure = Figure(figsize=(style.WIDTH, 3.4))
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1.6, 0.8])
    seen = rows[rows["auc"].notna()]
    _grouped(left, seen, list(dict.fromkeys(seen["discriminator"])), "discriminator", "auc")
    left.axhline(0.5, **style.BOUND)
    left.set_ylim(0.4, 1)
    left.set_ylabel("area under the curve")
    left.set_title("who notices")
    trained = rows[rows["utility"].notna()]
    trained = trained.assign(case=trained["target"].astype(str) + ":\n" + trained["learner"].astype(str))
    cases = [f"{t}:\n{k}" for t in ("linked", "own") for k in ("linear", "quadratic", "knn")]
    _grouped(middle, trained, [c for c in cases if c in set(trained["case"])], "case", "utility")
    panels.log_values(middle, "mean utility U")
    middle.set_title("what it costs")
    orders = ranks(trained)
    _grouped(right, orders, ["linked", "own"], "target", "tau")
    right.set_ylim(0, 1.05)
    right.set_ylabel("Kendall's τ of models")
    right.set_title("ranking")
    panels.legend_below(figure, left)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def ranks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return Kendall's tau between risks after synthetic and after real training, by source, target and replicate."""
    grouped = rows.groupby(["source", "target", "replicate"], observed=True)
    return grouped.apply(lambda g: kendalltau(g["risk"], g["risk_real"]).statistic).rename("tau").reset_index()


def _grouped(ax: Axes, rows: pd.DataFrame, cases: list[str], by: str, column: str) -> None:
    """Intervals of both sources side by side, one place for each case."""
    for shift, (source, text, look) in zip((-0.12, 0.12), SOURCES):
        own = rows[rows["source"] == source]
        intervals = [mean_interval(own.loc[own[by] == case, column].to_numpy()) for case in cases]
        places = np.arange(len(cases), dtype=np.float64) + shift
        panels.interval_curve(ax, places, intervals, text, look | {"linestyle": "none"})
    ax.set_xticks(range(len(cases)), [c.replace(" ", "\n") for c in cases], fontsize=6.5)
    ax.set_xlim(-0.5, len(cases) - 0.5)
