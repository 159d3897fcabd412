"""How bad responses may get: the order of models against the response error, with tolerance and flip point, and label flips."""

import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, tidy
from figures.claims.pairs import joined
from figures.rows import without_options

caption = panels.caption(
    "Top: probability that synthetic data rank a linear class and nearest neighbours as real data do (n = m = {n:,.0f}, "
    "exact 95% intervals) against the response error e_r, at two laws. In the worst direction (circles) the order is kept "
    "up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same size "
    "(squares) keep it. Bottom left: the same for logistic regression (the right class) and a single neighbour in 0-1 risk, "
    "against the rate of flipped labels: flips at random keep the order, flips of one class (grey crosses, the control) do "
    "not. Bottom right: meanwhile the utilities in squared error grow."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings against e_r by law, rankings of classifiers and their utilities against the rate of flips."""
    rows = rows[rows["n"] == rows["n"].max()]
    numbers, classes = joined(rows, "linear", "knn"), joined(rows, "logistic", "nearest_one")
    parts = [
        tidy.rankings_by_kind(part, "e_r_1", panel="ranking", law=str(law))
        for law, part in numbers.groupby("synthetic_law", observed=True, sort=False)
    ]
    classes = classes.assign(rate=tidy.flip_rates(classes["responses"]))
    parts.append(tidy.rankings_by_kind(classes, "rate", panel="ranking of classifiers"))
    flips = rows[without_options(rows["responses"]) == "flips"]
    flips = flips.assign(rate=tidy.flip_rates(flips["responses"]))
    for name, part in flips.groupby("learner", observed=True, sort=False):
        found = {rate: mean_interval(own, 0.95) for rate, own in part.groupby("rate", sort=False)["squared_utility"]}
        parts.append(tidy.points(str(name), list(found), list(found.values()), panel="utility"))
    return tidy.table(parts).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_responses`."""
    figure, [top, (left, right)] = panels.grid(4.6, 2, 2)
    for ax, (law, part) in zip(top, panels.of(estimates, "ranking").groupby("law", sort=False)):
        panels.draw_rankings(ax, part, "response error e_r", f"features {law}")
    title = "classifiers: flips at random keep the order"
    panels.draw_rankings(left, panels.of(estimates, "ranking of classifiers"), "rate of flipped labels", title)
    panels.curves(right, panels.of(estimates, "utility"))
    right.set(xlabel="rate of flipped labels, both classes", title="meanwhile the utilities grow")
    right.set_ylabel("mean utility, squared error")
    panels.legend(right, "upper left")
    return figure
