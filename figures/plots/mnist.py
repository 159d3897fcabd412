"""Wrong labels and the order of models; what each generator costs each model, and what its certificates are worth."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pair_verdict, pairwise
from figures import generators, panels, style, tidy
from figures.rows import largest, matching, sources

caption = panels.caption(
    "Above: pairs of models that real images resolve, by their order after training on real images of which a share ρ has a"
    " wrong label, drawn at random; at the right, the control, 0.7 of the labels are moved to the next class, past the "
    "threshold (joint 99.9% intervals). Below left: share of its advantage over the constant guess, in percent, that each "
    "model loses when trained on the images of a generator instead of real ones; stars: the joint 95% interval over test "
    "rows, training rows and refits excludes 0. Below right: of the pairs of models that held-out synthetic images put in "
    "order (their number at the edge), the share that real images put in the opposite order after real training; intervals "
    "count pairs that real images leave open as right, and as wrong. Crosses, the control: each model with the losses of "
    "another one."
)
TITLES = {"mnist": "ten classes", "mnist_pair": "two digits (4 and 9)"}
FLIPS = ["flipped", "cyclic_flips"]
MOVED = "moved"
PARTS = {"same order": style.KEPT["color"], "undecided": "0.55", "flipped": style.LOST["color"]}


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
        label = MOVED if "cyclic" in source else f"ρ = {tidy.option(source)}"
        parts += [tidy.values(curve, [k], [sum(v == curve for v in found)], panel=panel, label=label) for curve in PARTS]
    return parts


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel of orders for each data set, and below them one of lost shares and one of certificates."""
    figure = Figure(figsize=(style.WIDTH, 6.9))
    grid = figure.add_gridspec(2, 1, height_ratios=[1, 1.6])
    above, below = (figure.add_subfigure(grid[k]) for k in range(2))
    titles = [t for t in TITLES.values() if (estimates["panel"] == t).any()]
    [axes] = above.subplots(1, len(titles), squeeze=False)
    for ax, title in zip(axes, titles):
        _bars(ax, panels.of(estimates, title))
        ax.set_title(title)
    axes[0].set_ylabel("resolved pairs of models")
    panels.headline(above, _finding(estimates[estimates["panel"].isin(titles)]))
    panels.legend_below(above, axes[0])
    shown = {d: f"{TITLES[d]}: % lost" for d in TITLES if (estimates["panel"] == d).any()}
    axes = below.subplots(1, len(shown) + 1, width_ratios=[1.5] * len(shown) + [1], squeeze=False)[0]
    panels.headline(below, generators.by_generator(axes, estimates, shown, 0.1))
    return figure


def _finding(orders: pd.DataFrame) -> str:
    """How many pairs the wrong labels turn round: those drawn at random, at the rate that turns most, and those moved."""
    flipped, moved = orders["curve"] == "flipped", orders["label"] == MOVED
    total = orders.groupby(["panel", "x"])["value"].sum().groupby("panel").max().sum()
    most, all_moved = (orders[flipped & own].groupby("panel")["value"].max().sum() for own in (~moved, moved))
    return f"Of {total:.0f} clear pairs of models random wrong labels turn {most:.0f} round, moved labels {all_moved:.0f}"


def _bars(ax: Axes, part: pd.DataFrame) -> None:
    """A bar for each kind of wrong labels, of as many pairs as real images resolve, with their numbers."""
    wide = part.pivot_table(index="x", columns="curve", values="value")[list(PARTS)]
    start = 0 * wide["flipped"]
    for (curve, colour), hatch in zip(PARTS.items(), ("", "", "//")):
        bars = ax.bar(wide.index, wide[curve], bottom=start, color=colour, hatch=hatch, edgecolor="white", label=curve)
        box = {"facecolor": colour, "edgecolor": "none", "pad": 1} if hatch else None
        numbers = [f"{v:.0f}" if v else "" for v in wide[curve]]
        for text in ax.bar_label(bars, numbers, label_type="center", color="white", fontsize=8, fontweight="bold"):
            text.set_bbox(box if text.get_text() else None)
        start = start + wide[curve]
    ax.set_xticks(wide.index, [str(label) for label in part.drop_duplicates("x")["label"]], fontsize=8)
    ax.set_ylim(0, max(1, start.max()))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="x", visible=False)
