"""The story in one look: what it takes to lose utility, and how bad responses may get before the order of models goes."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.estimators.slopes import plateau
from figures import panels, tidy
from figures.claims.pairs import joined
from figures.rows import by_n, without_options

caption = panels.caption(
    "Left: what training on synthetic instead of real data costs in the limit of large samples, the limit of the signed gap "
    "R(f̃) − R(f̂) (95% interval), and below it the limit computed from laws and class before any data. Different features "
    "alone (here at total variation {largest_tv:.2f}) cost nothing, nor does a wrong class alone. Right: the probability "
    "that synthetic data rank a wrong class and nearest neighbours as real data do (n = m = {n:,.0f}, exact 95% "
    "intervals), under different features and with ever worse responses. In the worst direction the order is kept up to the "
    "tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same size keep it."
)
CLASSES, FEATURES = ("right class", "wrong class"), ("same features", "different features")
LEAST = 1e-3
SHADES = LogNorm(LEAST, 1.0)
COLOURS = LinearSegmentedColormap.from_list("losses", ["0.95", "#d55e00"])


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return limits of the gap in four corners, and rankings; rows of `specification` and `ranking_responses`.

    The corners are both classes at the real law and at the middle law of the path, at the largest ratio.
    """
    squares = rows[(rows["task"] == "parabola") & rows["limit"].notna() & (rows["ratio"] == rows["ratio"].max())]
    distance = squares.groupby("synthetic_law", observed=True)["total_variation"].first().sort_values()
    corners = squares[squares["synthetic_law"].isin([distance.index[0], distance.index[len(distance) // 2]])]
    numbers = rows[(rows["task"] == "kinked") & (rows["synthetic_law"] == "beta")]
    numbers = numbers[numbers["n"] == numbers["n"].max()]
    pair = joined(numbers[without_options(numbers["responses"]).isin(["worst", "biased"])], "linear", "knn")
    parts = []
    for (_, wrong), part in corners.groupby(["synthetic_law", corners["class_error"] > 1e-9], observed=True, sort=False):
        [table] = by_n(part, ["synthetic_law"], "gap_test").values()
        different, limit = int(part["total_variation"].iloc[0] > 1e-9), part["limit"].mean()
        parts.append(tidy.points(CLASSES[int(wrong)], [different], [plateau(*table, 0.95)], panel="limit", predicted=limit))
    parts.append(tidy.rankings_by_kind(pair, "e_r_1", panel="ranking"))
    return tidy.table(parts).assign(largest_tv=corners["total_variation"].max(), n=pair["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the overview."""
    figure, [[left, right]] = panels.grid(3.0, 1, 2, width_ratios=[1, 1.3])
    _draw_corners(left, panels.of(estimates, "limit"))
    title = "bad responses keep the order, up to a point"
    panels.draw_rankings(right, panels.of(estimates, "ranking"), "response error e_r", title)
    return figure


def _draw_corners(ax: Axes, part: pd.DataFrame) -> None:
    """Four tiles, shaded by the loss, each with the measured and the predicted limit."""
    for tile in part.itertuples():
        column, row = float(tile.x), CLASSES.index(str(tile.curve))
        shade = COLOURS(float(SHADES(max(float(tile.value), LEAST))))
        ax.add_patch(Rectangle((column, row), 0.96, 0.96, color=shade))
        text = f"{tile.value:.4f} ± {(tile.high - tile.low) / 2:.4f}".replace("-0.0000", "0.0000")
        ax.text(column + 0.48, row + 0.42, text, ha="center", fontsize=8, weight="bold")
        predicted = f"predicted {tile.predicted:.4f}".replace("-0.0000", "0.0000")
        ax.text(column + 0.48, row + 0.6, predicted, ha="center", fontsize=7)
    ax.set(xlim=(0, 2), ylim=(2, 0), frame_on=False, title="it takes both faults to lose")
    ax.set_xticks([0.48, 1.48], FEATURES)
    ax.set_yticks([0.48, 1.48], CLASSES, rotation=90, va="center")
    ax.grid(False)
    ax.tick_params(length=0)
