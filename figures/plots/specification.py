"""Features, class and responses: which faults leave a gap, at the predicted height, along a path of laws and over a grid."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import plateau
from figures import panels, style, tidy
from figures.rows import by_n

ALONG_THE_PATH = panels.caption(
    "Left: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) against n = m in the four corners of "
    "features and class, least squares; lines mark the limits Δ∞, computed from laws and class before any data. Only both "
    "faults together cost utility. Middle and right: the fitted limit a of a + b/n with its joint 99.9% interval, against "
    "the total variation between the laws on the path Beta(1, 1) to Beta({steepest:g}, 1), for least squares and for "
    "logistic regression; dotted lines are the predictions. The right classes (squares) stay at 0 however far the features "
    "are."
)
OVER_THE_GRID = (
    " Below: fitted limits over a grid of faults, lines fitted to a hinge (joint 99.9% intervals); in each panel one fault is "
    "turned up, the others stay at their middle level. Bars: the predicted Δ∞, faults turned on one after the other "
    "(responses, then features, then class). In another order the shares differ: features and class cost only together."
)
LOOKS = {"wrong class": style.LOST, "right class": style.KEPT}
STEPS: dict[str, tuple[str, style.Look]] = {
    "bad responses": ("limit_right_features", {"color": "0.25"}),
    "+ different features": ("limit_right_class", {"color": "0.6", "hatch": "///"}),
    "+ wrong class": ("limit", {"color": style.LOST["color"]}),
}
"""What each fault adds when they are turned on in this order: the limit with the later ones mended, and its look."""
DIALS = {
    "total_variation": ("ever more different\nfeatures", "total variation of P and Q"),
    "class_error": ("an ever worse\nclass", "least excess risk in the class"),
    "e_r": ("ever worse\nresponses", "response error e_r"),
}
"""Columns that tell how far each fault is turned up, with titles and labels."""


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in the four corners for the first task, predicted and fitted limits along the path for each task, and
    the split of the limit over the grid of three faults.
    """
    rows = rows[rows["limit"].notna()]
    on_grid = rows["task"].astype(str).str.startswith("hinge")
    grid, rows = rows[on_grid], rows[~on_grid]
    steepest = 1 + 1 / rows["d"].min()
    rows = rows.assign(curve=(rows["class_error"] > 1e-9).map({True: "wrong class", False: "right class"}))
    tasks = [(str(task), part) for task, part in rows.groupby("task", observed=True, sort=False)]
    parts = [*_corners(tasks[0][1]), *(part for task, own in tasks for part in _path(own, task))]
    return tidy.table([*parts, *_split(grid)]).assign(steepest=steepest)


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption; the grid is told of where it was measured."""
    return ALONG_THE_PATH(estimates) + ("" if panels.of(estimates, "split").empty else OVER_THE_GRID)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `specification`."""
    paths = estimates[estimates["panel"].isin(["predicted", "limit"])]
    dials = panels.of(estimates, "split")
    figure, [axes, *below] = panels.grid(*((3.2, 1) if dials.empty else (6.2, 2)), max(3, 1 + paths["task"].nunique()))
    _draw_corners(axes[0], panels.of(estimates, "gap"))
    for ax, (task, part) in zip(axes[1:], paths.groupby("task", sort=False)):
        for _, curve in panels.of(part, "predicted").groupby("curve", sort=False):
            panels.curve(ax, curve, "", style.PREDICTION)
        panels.curves(ax, panels.of(part, "limit"), look=LOOKS.__getitem__, linestyle="none")
        title = f"limits as predicted:\n{'least squares' if task == 'parabola' else 'logistic regression'}"
        ax.set(xlabel="total variation of P and Q", ylabel="limit of the signed gap", title=title)
        panels.legend(ax, "upper left")
    for ax, (dial, (title, label)) in zip(below[0] if below else [], DIALS.items()):
        own = estimates[estimates["dial"] == dial]
        _draw_split(ax, panels.of(own, "split"), panels.of(own, "on the grid"))
        ax.set(xlabel=label, ylabel="limit of the signed gap", title=title)
        if ax is below[0][0]:
            panels.legend_below(figure, ax, columns=4)
    panels.headline(figure, "It takes a wrong class and different features to lose, and the loss is the predicted one")
    return figure


def _corners(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Both classes at the same and at the middle law of the path."""
    distance = rows.groupby("synthetic_law", observed=True)["total_variation"].first().sort_values()
    for law in {distance.index[0]: None, distance.index[len(distance) // 2]: None}:
        for kind in LOOKS:
            part = rows[(rows["synthetic_law"] == law) & (rows["curve"] == kind)]
            features = "same" if distance[law] < 1e-9 else "different"
            yield tidy.means(part, "curve", "gap_test", panel="gap", features=features, limit=part["limit"].mean())


def _path(rows: pd.DataFrame, task: str) -> Iterator[pd.DataFrame]:
    """Predicted limits and fitted ones, against the total variation."""
    level = simultaneous_level(rows.groupby(["curve", "synthetic_law"], observed=True).ngroups, 0.999)
    for kind in LOOKS:
        own = rows[rows["curve"] == kind]
        means = own.groupby("synthetic_law", observed=True)[["total_variation", "limit"]].mean()
        path = means.sort_values("total_variation")
        yield tidy.values(kind, path["total_variation"], path["limit"], panel="predicted", task=task)
        if own["n"].nunique() >= 3:
            for law, tv in path["total_variation"].items():
                fits = [plateau(*t, level) for t in by_n(own[own["synthetic_law"] == law], ["curve"], "gap_test").values()]
                yield tidy.points(kind, [tv] * len(fits), fits, panel="limit", task=task)


def _split(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Predicted shares and fitted limits along each dial, the other two at their middle level."""
    if rows.empty or rows["n"].nunique() < 3:
        return
    level = simultaneous_level(rows.groupby(["task", "synthetic_law", "responses"], observed=True).ngroups, 0.999)
    rows = rows.assign(**{dial: rows.groupby("cell", observed=True)[dial].transform("mean").round(6) for dial in DIALS})
    middle = {dial: np.sort(rows[dial].unique())[rows[dial].nunique() // 2] for dial in DIALS}
    for dial in DIALS:
        others = [name for name in DIALS if name != dial]
        own = rows[np.logical_and.reduce([rows[name] == middle[name] for name in others])]
        limits = own.groupby(dial)[[column for column, _ in STEPS.values()]].mean()
        shares = limits.diff(axis=1).fillna(limits)
        for name, (column, _) in STEPS.items():
            yield tidy.series(name, shares[column], panel="split", dial=dial)
        for x, part in own.groupby(dial):
            fits = [plateau(*table, level) for table in by_n(part, ["task"], "gap_test").values()]
            yield tidy.points("measured", [float(x)] * len(fits), fits, panel="on the grid", dial=dial)


def _draw_split(ax: Axes, bars: pd.DataFrame, fits: pd.DataFrame) -> None:
    levels = sorted(bars["x"].unique())
    base = np.zeros(len(levels))
    for name, (_, look) in STEPS.items():
        own = bars[bars["curve"] == name].sort_values("x")["value"].to_numpy()
        ax.bar(range(len(levels)), own, 0.5, bottom=base, label=name, edgecolor="white", linewidth=0.5, **look)
        base += own
    place = fits["x"].map(levels.index)
    ax.errorbar(place, fits["value"], panels.reach(fits), fmt="o", color="black", capsize=3, label="measured")
    ax.set_xticks(range(len(levels)), [f"{x:.2g}" for x in levels])
    ax.grid(axis="x", visible=False)


def _draw_corners(ax: Axes, part: pd.DataFrame) -> None:
    for features, own in part.groupby("features", sort=False):
        extra = {"markerfacecolor": "white", "linestyle": "--"} if features == "same" else {}
        panels.curves(ax, own, "", LOOKS.__getitem__, **extra)
    for limit in part["limit"].unique():
        ax.axhline(limit, **style.PREDICTION)
    least = part["x"].min()
    panels.beside(ax, (least, part["value"].max()), "wrong class,\ndifferent features", style.LOST["color"], (0, -20))
    panels.beside(ax, (least, 0), "the other three", "black", (0, 12))
    panels.log_sizes(ax, part["x"], ylabel="signed gap", title="four corners:\none loses")
