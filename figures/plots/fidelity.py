"""The transfer curve of pairs of laws: exact and attained, with the (V, d) bounds above it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy

CAPTION = (
    "Panels: real | synthetic features. How large a squared error can be on real features (vertical) when it is a on "
    "synthetic ones (horizontal), for functions bounded by 1. Black: the exact worst case T(a); circles: the squared error of "
    "an explicit worst-case function, which attains it; grey dots: {functions:,} random functions (of overlapping dots one is "
    "kept), none above it. Coloured: the bounds that know the (V, d)-fidelity level only: plain (dotted), sharp constant "
    "(dashed), best over all d (solid). Shaded: what the exact curve gains on the plain bound. Uncovered features leave an "
    "error of {uncovered:.2f} however small a is."
)
COLUMNS = 3
LEAST = 1e-6
SPOTS = 20
"""Spots in a decade of either axis; a dot covers one."""

LOOKS: dict[str, style.Look] = {
    "plain (V, d)": {"color": style.ladder(1, 4)["color"], "linestyle": ":"},
    "sharp (V, d)": {"color": style.ladder(1, 4)["color"], "linestyle": "--"},
    "best over d": {"color": style.ladder(3, 4)["color"]},
    "exact T(a)": {"color": "black", "linewidth": 1.6},
    "attained": {"color": "black", "linestyle": "none", "marker": "o", "markerfacecolor": "white"},
}
CURVES = dict(zip(("plain", "sharp", "best", "exact", "attained"), LOOKS))


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each pair of laws exact and attained errors, the bounds, and random functions, at most one on each spot."""
    pairs = rows.groupby(["measurement", "real_law", "synthetic_law"], observed=True, sort=False)
    parts = [part for names, own in pairs for part in _of_pair(own, *map(str, names))]
    smallest = rows[(rows["random"] == 0) & (rows["a"] < 2e-6)]
    for name, number in (("functions", rows["random"].sum()), ("uncovered", smallest["exact"].max())):
        parts.append(tidy.values(name, [np.nan], [number], panel="caption"))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `fidelity`."""
    pairs = list(estimates[estimates["panel"] != "caption"].groupby("panel", sort=False))
    lines = -(-len(pairs) // COLUMNS)
    figure, axes = panels.grid(0.9 + 1.75 * lines, lines, COLUMNS, sharex=True, sharey=True)
    for ax, (title, pair) in zip(axes.ravel(), pairs):
        _draw_pair(ax, pair)
        ax.set_title(" | ".join(map(_law, str(title).split(" | "))))
    for ax in axes.ravel()[len(pairs) :]:
        ax.axis("off")
    for ax in axes[-1]:
        ax.set_xlabel("a, on synthetic features")
    for ax in axes[:, 0]:
        ax.set_ylabel("T(a), on real ones")
    panels.legend_below(figure, axes[0, 0])
    panels.headline(figure, "The exact worst case T(a) is attained, and no function exceeds it")
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    numbers = panels.of(estimates, "caption").set_index("curve")["value"]
    return CAPTION.format(functions=int(numbers["functions"]), uncovered=numbers["uncovered"])


def _of_pair(rows: pd.DataFrame, measurement: str, real: str, synthetic: str) -> Iterator[pd.DataFrame]:
    title = f"{real} | {synthetic}{', 5-d' if measurement.endswith('5d') else ''}"
    functions = rows[(rows["random"] == 1) & (rows["a"] >= LEAST) & (rows["attained"] >= LEAST)]
    spots = np.log10(functions[["a", "attained"]]).mul(SPOTS).round()
    functions = functions[~spots.duplicated()]
    yield tidy.values("random functions", functions["a"], functions["attained"], panel=title)
    grid = rows[rows["random"] == 0].sort_values("a")
    for column, curve in CURVES.items():
        if grid[column].notna().all():
            own = grid[::6] if column == "attained" else grid
            yield tidy.values(curve, own["a"], own[column], panel=title)


def _law(name: str) -> str:
    return name if name == "uniform" else panels.law(name)


def _draw_pair(ax: Axes, pair: pd.DataFrame) -> None:
    curves = {str(name): own for name, own in pair.groupby("curve", sort=False)}
    if "random functions" in curves:
        dots = curves["random functions"]
        ax.scatter(dots["x"], dots["value"], s=1, color="0.55", label="random functions", rasterized=True)
    if "plain (V, d)" in curves:
        exact, plain = curves["exact T(a)"], curves["plain (V, d)"]
        ax.fill_between(exact["x"], exact["value"], plain["value"], **style.ALLOWED | {"color": LOOKS["plain (V, d)"]["color"]})
    for name, look in LOOKS.items():
        if name in curves:
            panels.curve(ax, curves[name], name, look)
    ax.set(xscale="log", yscale="log", xlim=(LEAST, 1), ylim=(LEAST, 1.5))
    ax.set_xticks(np.array([1e-6, 1e-3, 1.0]))
