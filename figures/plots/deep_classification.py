"""Network classifiers: loss of accuracy against n, and the order of networks after real and after synthetic training."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import joined

caption = panels.caption(
    "Left: mean U01 of the widest network (95% intervals) against n = m. It falls at every covered law although total "
    "variations (TV) are up to {largest_tv:.2f}; under the same law (black) it falls too; at the law that leaves out three "
    "quarters of the first feature (grey crosses, the control) it does not. Dashed: the median knapsack bound, which holds "
    "on every replicate. Middle: excess error rate of each network after real (solid) and after synthetic training ({law}, "
    "dashed); the deep networks overtake the linear one, on synthetic data too. Right: probability that synthetic data "
    "({law}) rank two networks as real data do (exact 95% intervals): the linear one against the widest is ranked "
    "consistently with large samples; among those that can represent the probability (grey crosses, the control) there is "
    "no gap, and their order is a matter of chance."
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
    for other in names[:-1]:  # only the first, the linear one, has a gap to the widest
        pair = joined(shown, other, names[-1])
        parts.append(tidy.rankings(pair, f"{_called(other)} / {_called(names[-1])}", panel="ranking"))
    return tidy.table(parts).assign(law=str(law), largest_tv=largest_tv, widest=_called(names[-1]))


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_classification`."""
    figure, [[left, middle, right]] = panels.grid(3.9, 1, 3)
    panels.curves(left, panels.of(estimates, "utility"), "{curve}, TV {total_variation:.2f}")
    for name, bound in panels.of(estimates, "bound").groupby("curve", sort=False):
        look = style.CONTROL if bound["control"].iloc[0] == 1 else style.look(str(name))
        panels.curve(left, bound, "", style.BOUND | {"color": look["color"], "linewidth": 0.8})
    panels.log_values(left, "mean U01", title=f"{estimates['widest'].iloc[0]}: U01 → 0")
    real, synthetic = (panels.of(estimates, f"excess error, {training} training") for training in ("real", "synthetic"))
    rungs = style.rungs(real["curve"])
    for name, own in real.groupby("curve", sort=False):
        panels.curves(middle, own, look=rungs)
        panels.curves(middle, synthetic[synthetic["curve"] == name], "", rungs, linestyle="--")
    middle.set(ylim=(0, None), ylabel="excess error rate", title="real and synthetic training")
    for step, (name, own) in enumerate(panels.of(estimates, "ranking").groupby("curve", sort=False)):
        look = style.CONTROL | {"linestyle": ("--", ":")[step % 2]} if step else style.ladder(0, 2)
        beside = own.assign(x=(own["x"] * 1.05**step).round())  # so that intervals do not hide each other
        panels.curve(right, beside, str(name), look)
    right.set(ylabel="P(consistent ranking)", ylim=(-0.05, 1.05), title="a gap keeps the order")
    for ax in (left, middle, right):
        panels.log_sizes(ax, panels.of(estimates, "utility")["x"])
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), fontsize=6.5)
    return figure


def _called(name: str) -> str:
    """`mlp(width=8)` becomes `2 × 8 units`."""
    return f"2 × {tidy.option(name)} units" if "=" in name else name.partition("_")[0]
