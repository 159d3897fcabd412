"""Excess risk by rounds of extra rows: what knowing real features is worth, and what knowing the errors adds."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style

ARMS = (
    ("plain", "plain extra rows", dict(style.CONTROL)),
    ("around rows", "around random real rows", style.look("knn")),
    ("around errors", "around the errors", style.look("leaking")),
)
CAPTION = (
    "Excess risk on real features after rounds of extra synthetic rows, n/4 in each (n = {n} at first), with 95% "
    "intervals. Left: plain rows from a law that seldom visits the left end help little; rows around 40 real "
    "validation rows mend what is missing. Right: what weighting by the errors adds, as the ratio to rows around "
    "random validation rows: little, and nothing in the end."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `error_driven`."""
    rows = rows[rows["n"] == rows["n"].max()]
    figure = Figure(figsize=(style.WIDTH, 3.2))
    left, right = figure.subplots(1, 2)
    tables = {arm: part.pivot(index="round", columns="replicate", values="excess") for arm, part in rows.groupby("arm")}
    for arm, text, look in ARMS:
        panels.mean_curve(left, tables[arm].index.to_numpy(), tables[arm].to_numpy(), text, look)
    panels.log_values(left, "excess risk")
    left.set_title("rows where they are missing")
    average = tables["around rows"].mean(axis=1)
    ratio = (tables["around errors"] - tables["around rows"]).div(average, axis=0) + 1
    panels.mean_curve(right, ratio.index.to_numpy(), ratio.to_numpy(), "", style.look("leaking"))
    right.axhline(1, **style.BOUND)
    right.set_ylabel("around errors / around random rows")
    right.set_title("what the errors add")
    for ax in (left, right):
        ax.set_xlabel("round")
    panels.legend_below(figure, left)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=rows["n"].max())
