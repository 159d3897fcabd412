"""Utility, relative utility, order and classes in 2, 5 and 10 dimensions."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.estimators.intervals import ratio_interval
from experiments.estimators.slopes import log_slope
from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import by_n

LAW, SAME, HIDDEN = "tilted", "uniform", "uncovered"
KEYS = ("learner", "n", "m", "replicate")
CAPTION = (
    "Left: how fast U falls over the last two doublings of n = m, as a share of the rate at which the same learner's "
    "excess risk falls after real training: slopes on logarithms, with 95% intervals of that of U, the other taken as known. "
    "Top, regression ({tasks}); bottom, classifiers in 0-1 risk. Rules want at least 0.75 (no point in the shade). Synthetic "
    "features are tilted towards a corner (total variation {tv}); grey crosses, a law that never sees half of the cube (the "
    "near miss). Top right: probability at the largest n that linear regression and another learner are in the same "
    "order after real and after synthetic training; grey crosses, responses from a linear fit (the near miss). Bottom right: "
    "U of nearest neighbours over U at equal laws; grey, where half is never seen. The source data have all curves against n."
)
SMOOTHERS = ("knn", "nadaraya_watson")
LEARNERS = (*SMOOTHERS, "kernel_ridge", "forest", "boosting")
LEAST = 0.75
"""The share of the learner's own rate that rules want (conf/experiment/dimensions.yaml)."""


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return curves against n by panel and number of features `p`."""
    tasks = rows["task"].astype(str)
    p = tasks.map({"saddle": 2.0, "friedman": 5.0, "additive": 10.0})
    p = p.fillna(tasks.str.extract(r"features=(\d+)", expand=False).astype(float))
    classes, poly = tasks.str.startswith("margin"), rows["responses"] == "fitted(by=poly)"
    parts = []
    for features in sorted(p.dropna().unique()):
        own = p == features
        regression = rows[own & ~classes]
        learned = rows[own & ~classes & ~poly & (rows["learner"] != "linear")]
        smooth = learned["learner"].isin(SMOOTHERS)
        of = [*_utilities(learned[smooth], "smoothers"), *_utilities(learned[~smooth], "others")]
        of += [*_relative(learned), *_order(regression)]
        of += [*_speeds(learned, "speed"), *_speeds(rows[own & classes], "speed01")]
        parts += [part.assign(p=features) for part in (*of, *_utilities(rows[own & classes], "classes"))]
    shown = rows[~classes & (rows["synthetic_law"] == LAW)]
    shown = shown.groupby("task", observed=True, sort=False)["total_variation"]
    names, tv = ", ".join(map(str, shown.first().index)), ", ".join(f"{v:.2f}" for v in shown.first())
    return tidy.table(parts).assign(tasks=names, tv=tv)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `dimensions`."""
    figure, [[speed, order], [classes, relative]] = panels.grid(4.7, 2, 2, width_ratios=[1.35, 1], height_ratios=[5, 3.4])
    features = sorted(estimates["p"].unique())
    look = {p: style.ladder(step, len(features)) for step, p in enumerate(features)}
    for ax, panel, title in ((speed, "speed", "rate of U over rate of the\nlearner's own excess risk"),
                             (classes, "speed01", "the same in 0-1 risk,\nof classifiers")):  # fmt: skip
        ax.set_title(title)
        if (part := panels.of(estimates, panel)).empty:
            panels.not_run(ax)
            continue
        _dots(ax, part, look)
        low, high = ax.get_xlim()
        ax.axvspan(low, LEAST, **style.FORBIDDEN)
        ax.axvline(1, **style.BOUND)
        ax.set(xlim=(low, high), xlabel="1: as fast; shaded: too slow")
    ranked = panels.of(estimates, "order")
    _dots(order, ranked[ranked["x"] == ranked["x"].max()], look)
    order.set(xlim=(-0.05, 1.05), title="P(ranked as on real data):\nlinear regression against")
    own = panels.of(estimates, "relative")
    for (kind, p), part in own.groupby(["kind", "p"], sort=False):
        panels.curve(relative, part, "", look[p] | (style.CONTROL if kind else {}))
    if own.empty:
        panels.not_run(relative)
    else:
        panels.log_sizes(relative, own["x"], "n = m")
        panels.log_values(relative, "", title="nearest neighbours:\nU / U at equal laws")
    named = [Line2D([], [], linestyle="none", label=f"{p:g} features", **look[p]) for p in features]
    named.append(Line2D([], [], linestyle="none", label="near miss", **style.CONTROL))
    figure.legend(handles=named, loc="outside lower center", ncols=len(named))
    panels.headline(figure, "U falls as fast as real learning in 2 dimensions, not always in 5 or 10; models keep their order")
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(**estimates.iloc[0])


def _utilities(rows: pd.DataFrame, panel: str) -> Iterator[pd.DataFrame]:
    """U where features are covered and where half is not, and the real risk."""
    covered, hidden = (rows[rows["synthetic_law"] == law] for law in (LAW, HIDDEN))
    yield tidy.means(hidden, "learner", "utility", panel=panel, kind="hidden")
    yield tidy.means(covered, "learner", "excess_real", panel=panel, kind="reference")
    yield tidy.means(covered, "learner", "utility", panel=panel, kind="")


def _speeds(rows: pd.DataFrame, panel: str) -> Iterator[pd.DataFrame]:
    """The slope of log U over that of the real excess risk, over the last two doublings, where the latter falls."""
    for law, kind in ((HIDDEN, "hidden"), (LAW, "")):
        own = rows[rows["synthetic_law"] == law]
        risks = by_n(own, ["learner"], "excess_real")
        for learner, (sizes, samples) in by_n(own, ["learner"], "utility").items():
            last = sizes >= sizes.max() / 4
            ends = [y[last] for y in (samples, risks[learner][1])]
            if last.sum() > 1 and all((y.mean(axis=1) > 0).all() for y in ends):
                slope, of_risk = (log_slope(sizes[last], y) for y in ends)
                if of_risk.value < 0:
                    share = slope.scaled(1 / of_risk.value)
                    yield tidy.points(learner, [sizes.max()], [share], panel=panel, kind=kind)


def _relative(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Ratios of mean utilities, over the replicates common to both laws."""
    same = rows.loc[rows["synthetic_law"] == SAME, [*KEYS, "utility"]]
    for law, kind in ((HIDDEN, "hidden"), (LAW, "")):
        both = rows[rows["synthetic_law"] == law].merge(same, on=list(KEYS), suffixes=("", "_same"))
        tables = zip(by_n(both, ["learner"], "utility").items(), by_n(both, ["learner"], "utility_same").values())
        for (curve, (sizes, own)), (_, base) in tables:
            ratios = [ratio_interval(*pair, 0.95) for pair in zip(own, base)]
            yield tidy.points(curve, sizes, ratios, panel="relative", kind=kind)


def _order(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    covered = rows[rows["synthetic_law"] == LAW]
    linear = covered["responses"] == "fitted(by=poly)"
    for kind, own in (("control", covered[linear]), ("", covered[~linear])):
        for learner in ("kernel_ridge", "forest", "boosting"):
            pair = joined(own, "linear", learner)
            if len(pair):
                yield tidy.rankings(pair, learner, panel="order", kind=kind)


def _dots(ax: Axes, part: pd.DataFrame, look: Mapping[float, style.Look]) -> None:
    """Draw values of learners, one above the other, by the number of features; controls as grey crosses."""
    names = [name for name in LEARNERS if (part["curve"] == name).any()]
    at = part["curve"].map(names.index) + part["p"].map({p: 0.25 * (step - 1) for step, p in enumerate(look)})
    for (kind, p), own in part.assign(y=at).groupby(["kind", "p"], sort=False):
        if kind:
            ax.plot(own["value"], own["y"], linestyle="none", **style.CONTROL)
        else:
            ax.errorbar(own["value"], own["y"], xerr=panels.reach(own), linestyle="none", capsize=2, **look[p])
    ax.set_yticks(range(len(names)), map(panels.learner, names), fontsize=8)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
