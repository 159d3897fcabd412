"""The three claims in one look: what different features cost, what it takes to lose utility, when the order of models goes."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.estimators.slopes import plateau
from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import by_n, without_options

caption = panels.caption(
    "Left: U of nearest neighbours (the excess risk after synthetic training beyond that after real training, in absolute "
    "value) over U at equal laws of features, against the number of real and of synthetic rows. Where the density ratio of "
    "real to synthetic features is bounded (blue) it stays bounded, so that U vanishes at the same rate; where it is not "
    "(orange) U vanishes more slowly, and where half of the features are never seen (grey, the control) not at all. "
    "Middle: the limit of the signed gap in the four corners of features (at total variation {largest_tv:.2f} or equal) and "
    "class, measured and, below it, predicted from laws and class before any data (95% intervals are at most "
    "± {reach:.4f} wide). Right: the probability that synthetic data rank a wrong class and nearest neighbours as real data "
    "do (n = m = {n:,.0f}), with ever worse responses under different features. As samples grow, errors in the worst "
    "direction keep the order below δ* and flip it beyond δ°, both computed beforehand; it is judged in the shades, below "
    "0.8 δ* and beyond 1.2 δ°. Smooth errors of the same size keep it. Intervals are 95%."
)
LAWS = {"truncated_normal": style.KEPT, "leaking": style.KEPT, "beta(a=3)": style.LOST, "uncovered": style.CONTROL}
"""Laws of features on the left: two with a bounded density ratio, one without, and the control."""
CLASSES, FEATURES = ("right class", "wrong class"), ("same\nfeatures", "different\nfeatures")


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return relative utilities, limits of the gap in four corners, and rankings.

    Rows of `convergence`, `specification` and `ranking_responses`.

    The corners are both classes at the real law and at the middle law of the path, at the largest ratio.
    """
    squares = rows[(rows["task"] == "parabola") & rows["limit"].notna() & (rows["ratio"] == rows["ratio"].max())]
    distance = squares.groupby("synthetic_law", observed=True)["total_variation"].first().sort_values()
    corners = squares[squares["synthetic_law"].isin([distance.index[0], distance.index[len(distance) // 2]])]
    numbers = rows[(rows["task"] == "kinked") & (rows["synthetic_law"] == "beta")]
    numbers = numbers[numbers["n"] == numbers["n"].max()]
    pair = joined(numbers[without_options(numbers["responses"]).isin(["worst", "biased"])], "linear", "knn")
    knn = rows[rows["task"].str.startswith("sine") & (rows["learner"] == "knn") & (rows["responses"] == "fitted")]
    parts = [tidy.relative(knn[knn["synthetic_law"].isin(["uniform", law])], "utility", panel="relative") for law in LAWS]
    for (_, wrong), part in corners.groupby(["synthetic_law", corners["class_error"] > 1e-9], observed=True, sort=False):
        [table] = by_n(part, ["synthetic_law"], "gap_test").values()
        different, limit = int(part["total_variation"].iloc[0] > 1e-9), part["limit"].mean()
        parts.append(tidy.points(CLASSES[int(wrong)], [different], [plateau(*table, 0.95)], panel="limit", predicted=limit))
    parts.append(tidy.rankings_by_kind(pair, "e_r_1", panel="ranking"))
    found = tidy.table(parts)
    limits = panels.of(found, "limit")
    reach = (limits["high"] - limits["low"]).max() / 2
    return found.assign(largest_tv=corners["total_variation"].max(), n=pair["n"].max(), reach=reach)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the overview."""
    figure, [[left, middle, right]] = panels.grid(2.9, 1, 3, width_ratios=[1.1, 0.9, 1.1])
    _draw_relative(left, panels.of(estimates, "relative"))
    _draw_corners(middle, panels.of(estimates, "limit"))
    title = "3  Bad responses keep\nthe order, up to a point"
    panels.draw_rankings(right, panels.of(estimates, "ranking"), "size of the response error", title)
    return figure


def _draw_relative(ax: Axes, part: pd.DataFrame) -> None:
    """Relative utilities, each named on its curve."""
    if part.empty:
        panels.not_run(ax)
        return
    words = {"truncated_normal": "bounded density ratio", "beta(a=3)": "unbounded", "uncovered": "half never seen (control)"}
    for name, own in part.groupby("curve", sort=False):
        look = LAWS[style.base(str(name))]
        panels.curve(ax, own, "", look)
        panels.beside(ax, own[["x", "value"]].iloc[-1], words.get(str(name), ""), look["color"], (0, 10), ha="right")
    ax.axhline(1, **style.BOUND)
    ax.annotate("equal laws", (0.02, 1), (0, 3), ("axes fraction", "data"), "offset points", fontsize=8)
    panels.log_sizes(ax, part["x"], "real rows, as many synthetic")
    most = 3 * part["value"].max()
    panels.log_values(ax, "U / U at equal laws", title="1  Well-covered features\ncost a bounded factor\n", ylim=(0.6, most))


def _draw_corners(ax: Axes, part: pd.DataFrame) -> None:
    """Four tiles, orange where utility is lost, each with the measured and the predicted limit."""
    for tile in part.itertuples():
        column, row = float(tile.x), CLASSES.index(str(tile.curve))
        lost = float(tile.predicted) > 1e-9
        colour = style.LOST["color"] if lost else style.KEPT["color"]
        ax.add_patch(Rectangle((column, row), 0.96, 0.96, color=colour, alpha=0.35 if lost else 0.13, linewidth=0))
        value, predicted = (f"{v:.3f}".replace("-0.000", "0").replace("0.000", "0") for v in (tile.value, tile.predicted))
        ax.text(column + 0.48, row + 0.44, value, ha="center", fontsize=12, weight="bold")
        ax.text(column + 0.48, row + 0.68, f"predicted\n{predicted}", ha="center", va="center", fontsize=8)
    ax.set(xlim=(0, 2), ylim=(2, 0), frame_on=False, title="2  Where covered, it takes\nboth faults to lose utility\n")
    ax.set_xticks([0.48, 1.48], FEATURES)
    ax.set_yticks([0.48, 1.48], CLASSES, rotation=90, va="center")
    ax.grid(False)
    ax.tick_params(length=0)
