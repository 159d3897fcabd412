"""From tidy tables of estimates (`figures.tidy`) to axes: the pieces that figures share."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import LogFormatterSciNotation, NullFormatter
from numpy.typing import NDArray

from figures import style

Array = NDArray[np.float64]
Place = Literal["upper left", "upper right", "lower left", "lower right", "center left"]

RESPONSES = {"worst": "worst", "biased": "smooth", "flips": "both classes", "one_sided": "zeros only"}
"""How legends call the kinds of responses."""

RESPONSE_LOOKS = {"worst": style.LOST, "biased": style.KEPT, "flips": style.KEPT, "one_sided": style.LOST}


def caption(text: str) -> Callable[[pd.DataFrame], str]:
    """Return the function `caption` of a figure: a text with fields for columns, filled from the first row of its estimates."""
    return lambda estimates: text.format(**estimates.iloc[0])


def grid(height: float, rows: int, columns: int, **options: Any) -> tuple[Figure, NDArray[Any]]:
    """Return a figure as wide as the page, and its panels (rows, columns)."""
    figure = Figure(figsize=(style.WIDTH, height))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


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


def draw_rankings(ax: Axes, part: pd.DataFrame, x_label: str, title: str, names: tuple[str, str] = ("δ*", "δ°")) -> None:
    """Draw `rankings_by_kind`; a dotted line marks the tolerance, a shade the flipped errors from the flip point on.

    No line joins points on different sides of either: nothing is said in between. `names` are those of the two.
    """
    known = "tolerance" in part and part["tolerance"].notna().any()
    tolerance, flip, end = part[["tolerance", "flip", "flip_end"]].iloc[0] if known else (np.inf, np.inf, np.inf)
    for kind, own in part.groupby("curve", sort=False):
        own = own.sort_values("x")
        broken = kind in ("worst", "one_sided")
        look = RESPONSE_LOOKS[str(kind)] | ({"zorder": 4} if broken else {"markerfacecolor": "white"})
        side = np.searchsorted([tolerance, flip, end], own["x"]) if broken else np.zeros(len(own))
        for step, (_, segment) in enumerate(own.groupby(side)):
            curve(ax, segment, RESPONSES[str(kind)] if step == 0 else "", look)
    ax.set(xlabel=x_label, ylabel="P(consistent ranking)", title=title, ylim=(-0.05, 1.05))
    legend(ax, "center left", 6.5)
    if np.isfinite(tolerance):
        last = 1.03 * part["x"].max()
        ax.axvspan(min(flip, last), max(flip, min(end, last)), color="0.9", zorder=0)
        ax.set_xlim(None, last)
        ax.axvline(tolerance, **style.PREDICTION)
        ax.annotate(names[0], (tolerance, 0.8), xytext=(-3, 0), textcoords="offset points", ha="right", fontsize=8)
        if np.isfinite(flip) and names[1]:
            ax.annotate(names[1], (flip, 0.25), xytext=(3, 0), textcoords="offset points", fontsize=8)


def matrix(ax: Axes, part: pd.DataFrame, title: str, names: Callable[[str], str] = str) -> None:
    """Draw probabilities as a matrix, curves down and x across: black is 1; what is below 0.995 has its number."""
    wide = part.pivot(index="curve", columns="x", values="value").reindex(list(dict.fromkeys(part["curve"])))
    ax.pcolormesh(wide.to_numpy(), cmap="Greys", vmin=0, vmax=1.25, edgecolors="white", linewidth=0.5)
    for (row, column), value in np.ndenumerate(wide.to_numpy()):
        if value < 0.995:
            shade = "white" if value > 0.6 else "black"
            ax.text(column + 0.5, row + 0.5, f"{value:.2f}"[1:], ha="center", va="center", fontsize=5, color=shade)
    ax.set_xticks(np.arange(wide.shape[1]) + 0.5, [f"{x:,.0f}" for x in wide.columns], rotation=90, fontsize=6)
    ax.set_yticks(np.arange(len(wide)) + 0.5, [names(str(name)) for name in wide.index], fontsize=6.5)
    ax.set(title=title, ylim=(len(wide), 0))
    ax.grid(visible=False)


def log_sizes(ax: Axes, sizes: "Array | pd.Series[float]", label: str = "sample size n = m", **more: Any) -> None:
    """Put sample sizes on a logarithmic axis, ticks at the sizes; `more` are properties of the axes, such as a title."""
    sizes = np.unique(sizes)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{s:,.0f}" for s in sizes])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(axis="x", labelrotation=45 if len(sizes) > 4 else 0)
    ax.set(xlabel=label, **more)


def log_values(ax: Axes, label: str, **more: Any) -> None:
    """Put the values on a logarithmic axis; `more` are properties of the axes, such as a title."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    ax.set(ylabel=label, **more)


def at_end(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a direct label right of the point (x, y)."""
    ax.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7, color=colour)


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


def lost_shares(ax: Axes, part: pd.DataFrame) -> None:
    """Draw `tidy.lost_shares` of one data set, if any: sources by models, from what costs least; pale where 0 is possible."""
    if part.empty:
        return
    table = part.pivot_table(index="label", columns="curve", values="value", sort=True)
    table = table.loc[table.mean(axis=1).sort_values(kind="stable").index]
    ax.imshow(table.clip(0, 1), cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    order, models = list(table.index), list(table.columns)
    for label, model, value, low, high in part[["label", "curve", "value", "low", "high"]].itertuples(index=False):
        colour = "0.45" if low <= 0 <= high and value < 0.7 else "white" if value > 0.7 else "black"
        text = f"{100 * value:.0f}" if np.isfinite(low) else "–"
        ax.text(models.index(model), order.index(label), text, ha="center", va="center", fontsize=6, color=colour)
    ax.set_xticks(range(len(models)), [m.replace("_", " ") for m in models], rotation=45, ha="right")
    ax.set_yticks(range(len(order)), [s.replace("_", " ") for s in order])
    ax.grid(visible=False)


def certificates(ax: Axes, part: pd.DataFrame, most: float) -> None:
    """Draw `tidy.certificates`: a line for each source, `most` dotted, certificates from other models as grey crosses."""
    known = part[part["curve"] == "certified"].sort_values("value", kind="stable")
    order = list(known["label"])
    for curve, own in part[part["label"].isin(order)].groupby("curve"):
        y, look = own["label"].map(order.index), style.CONTROL if curve == "permuted" else style.REFERENCE
        ax.errorbar(own["value"], y + 0.25 * (curve == "permuted"), xerr=reach(own), linestyle="none", label=curve, **look)
    ax.axvline(most, **style.PREDICTION)
    ax.set_yticks(range(len(order)), [f"{s.replace('_', ' ')} ({n:.0f})" for s, n in zip(order, known["x"])])
    ax.set(ylim=(len(order) - 0.4, -0.6), xlim=(-0.03, 1.03), xlabel="share opposite")
