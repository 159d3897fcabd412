"""Utility, relative utility, order and classes in 2, 5 and 10 dimensions."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import ratio_interval
from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import by_n

LAW, SAME, HIDDEN = "tilted", "uniform", "uncovered"
KEYS = ("learner", "n", "m", "replicate")
CAPTION = (
    "Rows: 2, 5 and 10 features. Regression of {tasks}; synthetic features are tilted towards a corner (total variation "
    "{tv}). First two: mean utility U, with 95% intervals; dotted, the learner's own excess risk after real training, whose "
    "rate U must keep; grey crosses, U at a law that never sees half of the cube (the near miss). Third: U of nearest "
    "neighbours over their U at synthetic features from the real law; grey, where half is never seen. Fourth: probability "
    "that linear regression and another learner are in the same order after real and after synthetic training; grey crosses, "
    "responses from a linear fit (the near miss). Fifth: loss of accuracy U01 of classifiers, dotted and grey as on the left."
)
TITLES = {
    "smoothers": "utility U of\nlocal averages", "others": "utility U of\nother learners", "relative": "U / U at\nequal laws",
    "order": "P(ranked as\non real data)", "classes": "U01 of\nclassifiers",
}  # fmt: skip
SMOOTHERS = ("knn", "nadaraya_watson")


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
        parts += [part.assign(p=features) for part in (*of, *_utilities(rows[own & classes], "classes"))]
    shown = rows[~classes & (rows["synthetic_law"] == LAW)]
    shown = shown.groupby("task", observed=True, sort=False)["total_variation"]
    names, tv = ", ".join(map(str, shown.first().index)), ", ".join(f"{v:.2f}" for v in shown.first())
    return tidy.table(parts).assign(tasks=names, tv=tv)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `dimensions`; what was run nowhere has no column."""
    features = sorted(estimates["p"].unique())
    titles = {panel: title for panel, title in TITLES.items() if (estimates["panel"] == panel).any()}
    figure, axes = panels.grid(6.2, len(features), len(titles), sharex="col")
    for line, p in zip(axes, features):
        for ax, (panel, title) in zip(line, titles.items()):
            part = estimates[(estimates["p"] == p) & (estimates["panel"] == panel)]
            _draw(ax, part)
            if panel == "order":
                ax.set(ylim=(-0.05, 1.05))
            elif part.empty:
                ax.text(0.5, 0.5, "not run", ha="center", transform=ax.transAxes)
                ax.set_yticks([])
            else:
                panels.log_values(ax, "", ylim=(part["value"].min() / 1.6, part["value"].max() * 1.6))
            if p == features[0]:
                ax.set_title(title)
        line[0].set_ylabel(f"{p:g} features", fontsize=9.5, fontweight="bold")
    for ax, panel in zip(axes[-1], titles):
        panels.log_sizes(ax, estimates.loc[estimates["panel"] == panel, "x"], "n = m")
        ax.tick_params(axis="x", labelrotation=45)
    named = {label: handle for ax in axes.flat for handle, label in zip(*ax.get_legend_handles_labels())}
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named))
    panels.headline(figure, "In 2 and 5 dimensions U falls nearly as the learner's own error (dotted); in 10 it hardly does")
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


def _draw(ax: Axes, part: pd.DataFrame) -> None:
    """Curves by learner: those with intervals, and beside them the references and controls."""
    for (kind, name), own in part.groupby(["kind", "curve"], sort=False):
        look, label = style.look(str(name)), panels.learner(str(name))
        if kind == "reference":
            ax.plot(own["x"], own["value"], **look | {"marker": ""}, linestyle=":", linewidth=1)
        elif kind == "hidden":
            ax.plot(own["x"], own["value"], **style.CONTROL, linewidth=0.8)
        elif kind == "control":
            ax.plot(own["x"], own["value"], **style.CONTROL, linestyle="none")
        else:
            panels.curve(ax, own, label, look)
