"""Real features with a known regression function: utility against sample size, and how far below the bound it stays."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import generators, panels, style, tidy

TITLES = {
    ("california", "mlp"): "house values:\nnetworks",
    ("california", "knn"): "house values:\nnearest neighbours",
    ("mnist_pair", "mlp"): "digits 4 and 9:\nnetworks",
}
UNCOVERED = {"covers_one_quarter": "1/4", "covers_one_tenth": "1/10", "covers_one_percent": "1/100"}
"""The controls, with the share of the real rows that their features come from."""
WEIGHTS = "uneven weights on all real rows"
FITTED = "generators fitted on real rows"
REAL = "excess risk after real training"
LOOKS: dict[str, style.Look] = {
    WEIGHTS: style.KEPT,
    FITTED: style.KEPT | {"markerfacecolor": "white", "linestyle": "--"},
    "a share of the real rows only (control)": style.CONTROL,
    REAL: style.PREDICTION,
}
ESTIMATED = "*"
"""Behind a generator's name: its bound rests on an estimated ratio."""

caption = panels.caption(
    "Above: mean U on independent real test samples against n = m, with 95% intervals; features of real rows, responses by "
    "a known network plus noise. Where the law of the synthetic features covers all real rows (blue), U falls about as the "
    "excess risk after real training does (dotted); where it leaves out three quarters, nine tenths or 99 of 100 real rows "
    "(grey, the controls), U stays behind. Below: U and its bound at the largest n, means over replicates, and their ratio. "
    "Under weights on the real rows the bound is exact; for fitted generators (*) it rests on an estimated ratio and is no "
    "certificate."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean utilities by n for each data set, learner and generator, and U with its bound at the largest n."""
    parts = []
    for (dataset, learner), own in rows.groupby(["dataset", "learner"], observed=True, sort=False):
        told = {"dataset": str(dataset), "learner": str(learner)}
        parts.append(tidy.means(own, "generator", "utility_test", panel="utility", **told))
        parts.append(tidy.series(REAL, own.groupby("n")["excess_real"].mean(), panel="real", **told))
        for generator, part in own[own["n"] == own["n"].max()].groupby("generator", observed=True, sort=False):
            label = str(generator) + (ESTIMATED if part["bound_estimated"].notna().any() else "")
            found = {"utility": part["utility"], "bound": part["bound_two_sided"].fillna(part["bound_estimated"])}
            parts += [tidy.values(k, [np.nan], [v.mean()], panel="bound", label=label, **told) for k, v in found.items()]
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two rows of panels: utility, and its bound, one column for each data set and learner."""
    parts = [part for _, part in estimates.groupby(["dataset", "learner"], sort=False)]
    figure, axes = panels.grid(5.4, 2, len(parts), height_ratios=[1.2, 1])
    order = list(panels.of(estimates, "bound")["label"].unique())
    for (above, below), part in zip(axes.T, parts):
        _utilities(above, part)
        above.set_title(TITLES.get(tuple(part.iloc[0][["dataset", "learner"]]), ""))
        _bounds(below, panels.of(part, "bound"), order)
    for ax in axes[1, 1:]:
        ax.set_yticklabels([])
    axes[0, 0].set_ylabel("mean U")
    panels.headline(figure, "Synthetic rows that cover the real ones: U falls with n, those of a part lose far more")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _kind(generator: str) -> str:
    """The entry of `LOOKS` of a generator."""
    weights, fitted, control, _ = LOOKS
    return control if style.base(generator) in UNCOVERED else weights if generator.startswith("tilted") else fitted


def _utilities(ax: Axes, part: pd.DataFrame) -> None:
    """A line for each generator in the look of its kind, labels at the ends of the controls."""
    utility, real = panels.of(part, "utility"), panels.of(part, "real")
    panels.log_values(ax, "", ylim=(0.4 * utility["value"].min(), 2.5 * utility["value"].max()))
    panels.log_sizes(ax, utility["x"], "n = m", xlim=(utility["x"].min() / 1.15, 1.15 * utility["x"].max()))
    ends, named = [], set[str]()
    for generator, own in utility.groupby("curve", sort=False):
        kind = _kind(str(generator))
        panels.curve(ax, own, "" if kind in named else kind, LOOKS[kind])
        named.add(kind)
        if generator in UNCOVERED:
            ends.append((own["value"].iloc[-1], UNCOVERED[str(generator)], style.CONTROL["color"]))
    panels.curve(ax, real, REAL, LOOKS[REAL])
    panels.name_ends(ax, ends)


def _bounds(ax: Axes, part: pd.DataFrame, order: list[str]) -> None:
    """A line for each generator from U to its bound, with their ratio, on a logarithmic axis."""
    wide = part.pivot(index="label", columns="curve", values="value")
    for generator, utility, bound in wide[["utility", "bound"]].itertuples():
        place, look = order.index(generator), LOOKS[_kind(generator.rstrip(ESTIMATED))]
        ax.plot([utility, bound], [place, place], color="0.6", linewidth=1)
        ax.plot([utility], [place], **look)
        ax.plot([bound], [place], marker="|", color="black", markersize=9, markeredgewidth=2)
        ax.annotate(f"×{bound / utility:,.0f}", (bound, place), (5, 0), textcoords="offset points", va="center", fontsize=7)
    names = [generators.words(g.rstrip(ESTIMATED)) + ESTIMATED * g.endswith(ESTIMATED) for g in order]
    ax.set_yticks(range(len(order)), names, fontsize=8)
    low, high = part["value"].min(), part["value"].max()
    ax.set(ylim=(len(order) - 0.5, -0.5), xscale="log", xlim=(low / 2, 2 * high * (high / low) ** 0.5))
    ax.set_xlabel("U (mark) and its bound (bar)")
