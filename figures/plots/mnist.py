"""Wrong labels and the order of models; what each generator costs each model, and what its certificates are worth."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pair_verdict, pairwise
from figures import panels, style, tidy
from figures.rows import largest, matching, sources

caption = panels.caption(
    "Above: pairs of models that real images resolve, by their order after training on real images of which a share ρ has a"
    " wrong label, drawn at random; at the right 0.7 of the labels are moved to the next class, past the threshold (joint "
    "99.9% intervals). Below left: share of its advantage over the constant guess, in percent, that each model loses when "
    "trained on the images of a generator instead of real ones; pale numbers: the joint 95% interval over test rows, "
    "training rows and refits holds 0. Below right: pairs of models that held-out synthetic images put in order (their "
    "number in brackets), and the share of them that real images put in the opposite order after real training; intervals "
    "count pairs that real images leave open as right, and as wrong. Crosses: each model with the losses of another one. "
    "Dotted: one in ten."
)
TITLES = {"mnist": "ten classes", "mnist_pair": "two digits (4 and 9)"}
FLIPS = ["flipped", "cyclic_flips"]
PARTS = {"same order": "0.25", "undecided": "0.8", "flipped": "#d55e00"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how pairs of models are ordered at each kind of wrong labels, the lost shares, and the certificates."""
    rows = largest(rows)
    parts = {d: rows[rows["dataset"] == d] for d in TITLES if (rows["dataset"] == d).any()}
    found = [own for dataset, part in parts.items() for own in _orders(part, TITLES[dataset])]
    generators = matching(rows, {"generator": {"not": [*FLIPS, "unconditional"]}})
    shares = tidy.lost_shares(matching(generators, {"dataset": next(iter(parts))}), 0.95)
    return tidy.table([*found, shares, tidy.certificates(generators, 0.95, 0.95)])


def _orders(rows: pd.DataFrame, panel: str) -> list[pd.DataFrame]:
    """Counts of the pairs that real images resolve, by their order at each kind of wrong labels."""
    real, synthetic = sources(matching(rows, {"generator": ["real", *FLIPS]}))
    number = len(real.models) * (len(real.models) - 1) // 2
    each = simultaneous_level(number * (len(synthetic) + 1), 0.999)
    truth = pairwise(real.full, real.halves, each)
    resolved = [pair for pair, interval in truth.items() if interval.sign]
    parts = []
    for k, (source, own) in enumerate(synthetic.items()):
        verdicts = pairwise(own.full, own.halves, each)
        found = [pair_verdict(truth[pair], verdicts[pair]) for pair in resolved]
        label = "next class" if "cyclic" in source else f"ρ = {tidy.option(source)}"
        parts += [tidy.values(curve, [k], [sum(v == curve for v in found)], panel=panel, label=label) for curve in PARTS]
    return parts


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel of orders for each data set, and below them one of lost shares and one of certificates."""
    figure = Figure(figsize=(style.WIDTH, 6.6))
    grid = figure.add_gridspec(2, 1, height_ratios=[1, 1.6])
    above, below = (figure.add_subfigure(grid[k]) for k in range(2))
    titles = [t for t in TITLES.values() if (estimates["panel"] == t).any()]
    [axes] = above.subplots(1, len(titles), squeeze=False)
    for ax, title in zip(axes, titles):
        _bars(ax, panels.of(estimates, title))
        ax.set_title(title)
    panels.legend_below(above, axes[0])
    left, right = below.subplots(1, 2, width_ratios=[1.3, 1])
    shares = estimates[estimates["panel"].isin(TITLES)]
    panels.lost_shares(left, shares)
    left.set_title("".join(TITLES[d] for d in shares["panel"].unique()) + ": % of the advantage lost")
    panels.certificates(right, panels.of(estimates, "pairs"), 0.1)
    right.set_title("certified pairs")
    return figure


def _bars(ax: Axes, part: pd.DataFrame) -> None:
    """A bar for each kind of wrong labels, of as many pairs as real images resolve."""
    wide = part.pivot_table(index="x", columns="curve", values="value")[list(PARTS)]
    start = 0 * wide["flipped"]
    for (curve, colour), hatch in zip(PARTS.items(), ("", "", "//")):
        ax.bar(wide.index, wide[curve], bottom=start, color=colour, hatch=hatch, edgecolor="white", label=curve)
        start = start + wide[curve]
    ax.set_xticks(wide.index, [str(label) for label in part.drop_duplicates("x")["label"]])
    ax.set(ylabel="resolved pairs of models", ylim=(0, max(1, start.max())))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="x", visible=False)
