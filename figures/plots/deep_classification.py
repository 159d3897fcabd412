"""Network classifiers: loss of accuracy against n, where networks cross, and their order after synthetic training."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import joined

caption = panels.caption(
    "Left: mean loss of accuracy U01 of the widest network (95% intervals) against n = m, at laws of total variation up to "
    "{largest_tv:.2f} to the real one; black: equal laws; grey crosses: the control, a law that leaves out three quarters of "
    "the first feature; dotted: the excess error after real training, whose rate U01 is held against. Thin dashes: the "
    "median knapsack bound, which holds on every replicate. Middle: excess error rate of each network after real (solid) and "
    "after synthetic training ({law}, dashed). Right: probability that synthetic data ({law}) rank two networks as real data "
    "do (exact 95% intervals). Shaded: between the n at which the linear and the widest network cross after real training and "
    "after synthetic training; around them there is no gap, and the order is lost; beyond them it is kept. Between networks "
    "that can both represent the probability (grey crosses, the control) there is hardly a gap at large n."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities of the widest network by law with bounds, excess errors and rankings of networks at one law."""
    names = list(rows["learner"].unique())
    covered = rows[rows["uncovered"] == 0]
    law = covered.loc[covered["total_variation"] > 1e-9, "synthetic_law"].iloc[0]
    shown, largest_tv = rows[rows["synthetic_law"] == law], covered["total_variation"].max()
    parts = []
    for curve, part in rows[rows["learner"] == names[-1]].groupby("synthetic_law", observed=True, sort=False):
        told = tidy.law_labels(part)
        parts.append(tidy.means(part, "synthetic_law", "utility", panel="utility", **told))
        parts.append(tidy.series(curve, part.groupby("n")["bound_knapsack"].median(), panel="bound", **told))
    for name in names:
        own = shown[shown["learner"] == name].assign(curve=_called(name))
        for training in ("real", "synthetic"):
            parts.append(tidy.means(own, "curve", f"excess_{training}", panel=f"excess error, {training} training"))
    widest = rows[rows["learner"] == names[-1]]
    parts.append(tidy.series("real training", widest.groupby("n")["excess_real"].mean(), panel="reference"))
    for training in ("real", "synthetic"):
        means = shown.pivot_table(f"excess_{training}", "n", "learner", observed=True)
        crossings = _crossings(means[names[-1]] - means[names[0]])
        parts.append(tidy.values(training, crossings, crossings, panel="crossing"))
    for other in names[:-1]:  # only the first, the linear one, has a gap to the widest
        pair = joined(shown, other, names[-1])
        parts.append(tidy.rankings(pair, f"{_called(other)} / {_called(names[-1])}", panel="ranking"))
    return tidy.table(parts).assign(law=str(law), largest_tv=largest_tv, widest=_called(names[-1]))


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_classification`."""
    figure, [[left, middle, right]] = panels.grid(4.2, 1, 3)
    utility = panels.of(estimates, "utility")
    look = panels.by_distance(utility)
    panels.curves(left, utility.assign(name=utility["curve"].map(panels.law)), "{name}", look)
    panels.curves(left, panels.of(estimates, "bound"), "", look, marker="", linestyle="--", linewidth=0.8)
    panels.curves(left, panels.of(estimates, "reference"), "{curve}", lambda _: style.PREDICTION)
    panels.log_values(left, f"U01 of {estimates['widest'].iloc[0]}", title="accuracy lost falls\nwhere features are seen")
    real, synthetic = (panels.of(estimates, f"excess error, {training} training") for training in ("real", "synthetic"))
    rungs = style.rungs(real["curve"])
    for name, own in real.groupby("curve", sort=False):
        panels.curves(middle, own, look=rungs)
        panels.curves(middle, synthetic[synthetic["curve"] == name], "", rungs, linestyle="--")
    middle.plot([], [], color="black", label="real training")
    middle.plot([], [], color="black", linestyle="--", label="synthetic training")
    middle.set(ylim=(0, None), ylabel="excess error rate", title="wider networks\nneed more rows")
    for step, (name, own) in enumerate(panels.of(estimates, "ranking").groupby("curve", sort=False)):
        shown = style.CONTROL | style.dashes(step) if step else style.KEPT
        beside = own.assign(x=(own["x"] * 1.05**step).round())  # so that intervals do not hide each other
        panels.curve(right, beside, f"{name}{', no gap' if step else ''}", shown)
    right.set(ylabel="P(ranked as on real data)", ylim=(-0.05, 1.05), title="the order is kept\nwell beyond the crossing")
    crossings = panels.of(estimates, "crossing")["x"]
    for ax in (middle, right):
        if not crossings.empty:
            ax.axvspan(crossings.min(), crossings.max(), color="0.85", zorder=0)
            place = {"rotation": 90, "ha": "center", "va": "bottom", "fontsize": 8}
            ax.text(np.sqrt(crossings.min() * crossings.max()), 0.03, "crossing", transform=ax.get_xaxis_transform(), **place)
    for ax in (left, middle, right):
        panels.log_sizes(ax, utility["x"])
        if ax.get_legend_handles_labels()[0]:
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), handlelength=1.6)
    return figure


def _crossings(difference: "pd.Series[float]") -> list[float]:
    """The n at which a difference changes its sign, linear in log n between sizes."""
    n, d = np.log(difference.index.to_numpy(dtype=float)), difference.to_numpy()
    at = np.flatnonzero(d[:-1] * d[1:] < 0)
    return [float(x) for x in np.exp(n[at] - d[at] * (n[at + 1] - n[at]) / (d[at + 1] - d[at]))]


def _called(name: str) -> str:
    """`mlp(width=8)` becomes `2 × 8 units`."""
    return f"2 × {tidy.option(name)} units" if "=" in name else name.partition("_")[0]
