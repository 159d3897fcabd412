"""From tidy tables of estimates (`figures.tidy`) to axes: the pieces that figures share."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.ticker import LogFormatter, NullFormatter
from numpy.typing import NDArray

from figures import style, tidy

Array = NDArray[np.float64]
Place = Literal["upper left", "upper right", "lower left", "lower right", "center left"]

RESPONSES = {"worst": "worst direction", "biased": "smooth", "flips": "both classes", "one_sided": "one class only"}
"""How figures call the kinds of responses."""

RESPONSE_LOOKS = {"worst": style.LOST, "biased": style.KEPT, "flips": style.KEPT, "one_sided": style.LOST}

OFF = 1.2
"""How far off a predicted mark rules judge an order: before 0.8 of the tolerance, beyond 1.2 of the flip."""

LAWS = {
    "uniform": "equal laws", "uncovered": "half never seen", "first_quarter_only": "three quarters never seen",
    "middle_only": "ends never seen", "beta": "Beta law", "leaking": "concentrated",
}  # fmt: skip
"""What laws of synthetic features are called, beside real features that are uniform."""

LEARNERS = {
    "knn": "nearest neighbours", "nearest": "nearest neighbours", "nearest_one": "one neighbour",
    "poly": "polynomials", "quintic": "quintic polynomials", "nadaraya_watson": "kernel smoother",
    "local_linear": "local lines", "forest": "random forest",
}  # fmt: skip


def law(name: str) -> str:
    """Return a law in words: `beta(a=2)` is Beta(2, 1)."""
    known, kind = style.base(name), name.partition("(")[0]
    words = f"Beta({tidy.option(known)}, 1)" if kind == "beta" and "=" in known else LAWS.get(kind, known.replace("_", " "))
    return words + name[len(known) :]


def learner(name: str) -> str:
    """Return a learner in words."""
    return LEARNERS.get(name, name.replace("_", " "))


def by_distance(part: pd.DataFrame) -> Callable[[str], style.Look]:
    """Return the function from a law to its look: black where laws are equal, the others lighter the farther they are."""
    far = part[part["total_variation"] > 1e-9].sort_values("total_variation", kind="stable")
    rungs = style.rungs(far["curve"])
    return lambda name: rungs(name) if name in {style.base(str(own)) for own in far["curve"]} else style.REFERENCE


def caption(text: str) -> Callable[[pd.DataFrame], str]:
    """Return the function `caption` of a figure: a text with fields for columns, filled from the first row of its estimates."""
    return lambda estimates: text.format(**estimates.iloc[0])


def grid(height: float, rows: int, columns: int, **options: Any) -> tuple[Figure, NDArray[Any]]:
    """Return a figure as wide as the page, and its panels (rows, columns)."""
    figure = Figure(figsize=(style.WIDTH, height))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def headline(figure: Figure | SubFigure, text: str) -> None:
    """Write the finding of a figure above its panels, whose own titles then are plain."""
    figure.suptitle(text, **style.FINDING)
    for ax in figure.axes:
        ax.set_title(ax.get_title("left"), fontweight="normal")


def of(estimates: pd.DataFrame, panel: str) -> pd.DataFrame:
    """Return the estimates of one panel."""
    return estimates[estimates["panel"] == panel]


def reach(part: pd.DataFrame) -> list["pd.Series[float]"]:
    """Return how far intervals extend below and above their values, as matplotlib's error bars take it."""
    return [part["value"] - part["low"], part["high"] - part["value"]]


def curve(ax: Axes, part: pd.DataFrame, label: str, look: style.Look) -> None:
    """Draw one curve, with error bars where it has intervals."""
    if part["low"].isna().all():
        ax.plot(part["x"], part["value"], label=label, **look)
    else:
        ax.errorbar(part["x"], part["value"], yerr=reach(part), capsize=2, label=label, **look)


def curves(
    ax: Axes, part: pd.DataFrame, label: str = "{curve}", look: Callable[[str], style.Look] = style.look, **extra: Any
) -> None:
    """Draw all curves of a part, each with the look of its name, or of controls where `control` is 1.

    `label` has fields for the columns, as in `"{curve}, TV {total_variation:.2f}"`; `extra` are options of matplotlib that
    replace those of the look.
    """
    seen: Counter[str] = Counter()
    for name, own in part.groupby("curve", sort=False):
        base = style.base(str(name))
        shown = style.CONTROL if "control" in own and own["control"].iloc[0] == 1 else look(base)
        curve(ax, own, label.format(**own.iloc[0]), style.dashes(seen[base]) | shown | extra)
        seen[base] += 1


def not_run(ax: Axes) -> None:
    """Say that there is nothing to draw in a panel."""
    ax.text(0.5, 0.5, "not run", ha="center", transform=ax.transAxes)
    ax.set(xticks=[], yticks=[])


def draw_rankings(ax: Axes, part: pd.DataFrame, x_label: str, title: str, names: tuple[str, str] = ("δ*", "δ°")) -> None:
    """Draw `rankings_by_kind`; shades say where rules want the order kept and flipped: off the predicted marks by `OFF`.

    No line joins points between the shades: nothing is said there. `names` are those of the marks.
    """
    if part.empty:
        not_run(ax)
        return
    known = "tolerance" in part and part["tolerance"].notna().any()
    tolerance, flip, end = part[["tolerance", "flip", "flip_end"]].iloc[0] if known else (np.inf, np.inf, np.inf)
    kept, flipped = (0.0, (2 - OFF) * tolerance), (flip * OFF, end / OFF)
    last = 1.03 * part["x"].max()
    for kind, own in part.groupby("curve", sort=False):
        own = own.sort_values("x")
        broken = kind in ("worst", "one_sided")
        look = RESPONSE_LOOKS[str(kind)] | ({"zorder": 4} if broken else {"markerfacecolor": "white"})
        side = np.searchsorted([kept[1], *flipped], own["x"]) if broken else np.zeros(len(own))
        for step, segment in own.groupby(side):
            curve(ax, segment, "", look | ({"linestyle": "none"} if step == 1 else {}))
        beside = own[own["x"] > own["x"].max() - 0.45 * last]
        below = beside["value"].iloc[-1] > 0.5
        y = beside["low"].min() - 0.03 if below else beside.loc[beside["value"] < 0.5, "high"].max() + 0.03
        place: style.Look = {"ha": "right", "va": "top" if below else "bottom", "fontsize": 8, "color": look["color"]}
        ax.text(own["x"].max() + 0.01 * last, y, RESPONSES[str(kind)], **place)
    ax.set(xlabel=x_label, ylabel="P(ranked as on real data)", title=f"{title}\n", xlim=(0, last), ylim=(-0.06, 1.06))
    for (low, high), word, look in ((kept, "kept", style.ALLOWED), (flipped, "flipped", style.FORBIDDEN)):
        if known and low < (high := min(high, last)):
            ax.axvspan(low, high, **look)
            upright = 90 if high - low < 0.3 * last else 0
            ax.text((low + high) / 2, 0.5, word, ha="center", va="center", fontsize=8, rotation=upright)
    for name, at, aligned in zip(names, (tolerance, flip), ("right", "left")):
        if known and at < last:
            ax.axvline(at, **style.PREDICTION)
            ax.text(at, 1.01, name, transform=ax.get_xaxis_transform(), ha=aligned, va="bottom", fontsize=9)


def log_sizes(ax: Axes, sizes: "Array | pd.Series[float]", label: str = "sample size n = m", **more: Any) -> None:
    """Put sample sizes on a logarithmic axis, ticks at the sizes; `more` are properties of the axes, such as a title."""
    sizes = np.unique(sizes)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{s:,.0f}" for s in sizes])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(axis="x", labelrotation=45 if len(sizes) > 4 else 0)
    ax.set(xlabel=label, **more)


class Plain(LogFormatter):
    """Labels of a logarithmic axis: plain numbers from 0.001 to 1,000, powers of ten beyond."""

    def _num_to_string(self, x: float, _vmin: float, _vmax: float) -> str:
        return f"{x:,g}" if 0.9e-3 < x < 1.1e3 else f"$10^{{{np.log10(x):.0f}}}$" if f"{x:e}"[0] == "1" else ""


def log_values(ax: Axes, label: str, **more: Any) -> None:
    """Put the values on a logarithmic axis; `more` are properties of the axes, such as a title."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(Plain())
    ax.yaxis.set_minor_formatter(Plain(minor_thresholds=(1.1, 0.5)))
    ax.set(ylabel=label, **more)


def beside(ax: Axes, at: Any, text: str, colour: str, shift: tuple[float, float] = (5, 0), **more: Any) -> None:
    """Write a direct label beside a point, `shift` away in points; on its left where that is negative."""
    place = {"ha": "right" if shift[0] < 0 else "left", "va": "center", "fontsize": 8, "color": colour} | more
    ax.annotate(text, at, shift, textcoords="offset points", **place)


def at_end(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a direct label right of the point (x, y)."""
    beside(ax, (x, y), text, colour)


def name_ends(ax: Axes, ends: Sequence[tuple[float, str, str]], least: float = 0.09) -> None:
    """Write (height, text, colour) right of the panel, at least a share `least` of its height apart; its limits stay."""
    ends = sorted(ends)
    shown = ax.transScale + ax.transLimits
    heights = np.array([shown.transform((ax.get_xlim()[1], y))[1] for y, _, _ in ends])
    over = apart(heights, least)
    over += (heights - over).mean() if len(over) else 0.0
    for y, (_, text, colour) in zip(over, ends):
        ax.annotate(text, (1.03, y), xycoords="axes fraction", va="center", fontsize=8, color=colour, annotation_clip=False)


def apart(heights: Array, least: float) -> Array:
    """Return heights, which rise, moved up where they are less than `least` apart, so that labels do not overlap."""
    steps = least * np.arange(len(heights))
    return np.asarray(np.maximum.accumulate(heights - steps) + steps)


def legend(ax: Axes, place: Place, size: float | None = None) -> None:
    """Put a legend into a panel, none where nothing in it has a name: few sizes may leave nothing to name."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc=place, fontsize=size)


def legend_below(figure: FigureBase, ax: Axes, columns: int = 3) -> None:
    """Put the legend of `ax` below the whole figure."""
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)
