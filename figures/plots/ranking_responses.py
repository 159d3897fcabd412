"""How bad responses may get: the order of models against the response error, and against the share of wrong labels."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import without_options

caption = panels.caption(
    "First four panels: probability that synthetic data rank a linear class and nearest neighbours as real data do (n = m ="
    " {n:,.0f}, 95% intervals) against the size of the response error e_r, for two functions at two laws. As samples grow, "
    "errors in the worst direction keep the order below δ* and flip it beyond δ°, both computed beforehand; it is judged in "
    "the shades, below 0.8 δ* and beyond 1.2 δ°. Smooth errors of the same size keep it. Fifth: the same for logistic "
    "regression and a single neighbour in 0-1 risk, against the share of wrong labels: labels of one class flip the order at "
    "the predicted share (dotted), as many of both classes do not. Last: why. The better model loses accuracy with every "
    "wrong label of one class, and crosses its rival at the predicted share."
)
MODELS = {"logistic": "logistic regression", "nearest_one": "one neighbour"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings against e_r by task and law, rankings and risks of classifiers against wrong labels."""
    rows = rows[rows["n"] == rows["n"].max()]
    numbers, classes = joined(rows, "linear", "knn"), joined(rows, *MODELS)
    parts = [
        tidy.rankings_by_kind(part, "e_r_1", panel="ranking", law=str(law), task=str(task))
        for (task, law), part in numbers.groupby(["task", "synthetic_law"], observed=True, sort=False)
    ]
    known = {"kind": "one_sided", "tolerance": "flip_nearest", "flip": "flip_nearest"}
    parts.append(tidy.rankings_by_kind(classes, "wrong_labels_1", **known, panel="ranking of classifiers"))
    wrong = rows[without_options(rows["responses"]) == "one_sided"]
    risks = tidy.means(wrong, "learner", "excess_synthetic", "wrong_labels", panel="risk")
    if "flip_nearest" in wrong:
        risks = risks.assign(flip=wrong["flip_nearest"].max())
    return tidy.table([*parts, risks]).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_responses`."""
    figure, axes = panels.grid(5.2, 2, 3)
    order = panels.of(estimates, "ranking").groupby(["task", "law"], sort=False)
    for ax, ((task, law), part) in zip(axes.ravel(), order):
        panels.draw_rankings(ax, part, "size of the response error e_r", f"{task}, {panels.law(str(law))}")
    flipped, risk = axes[1, 1:]
    classes = panels.of(estimates, "ranking of classifiers")
    panels.draw_rankings(flipped, classes, "share of wrong labels", "classifiers", ("predicted", ""))
    wrong_labels(risk, panels.of(estimates, "risk"), MODELS)
    panels.headline(figure, "Bad responses keep the order up to a point that is known beforehand")
    return figure


def wrong_labels(ax: Axes, part: pd.DataFrame, names: dict[str, str]) -> None:
    """Draw the excess 0-1 risks of two classifiers against the share of wrong labels, with the predicted crossing."""
    if part.empty:
        panels.not_run(ax)
        return
    panels.curves(ax, part.assign(called=part["curve"].map(names)), "{called}", style.rungs(part["curve"]))
    ax.axvline(part["flip"].iloc[0], **style.PREDICTION)
    ax.set(xlabel="share of wrong labels", ylabel="excess 0-1 risk", title="the better one is hurt\n")
    ax.set_ylim(0, 1.15 * part["value"].max())
    ax.legend()
