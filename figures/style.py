"""One visual language: colour and marker by name, the same in every figure; readable in grey."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

WIDTH = 7.0
"""Text width of a journal page, inches."""

Look = dict[str, Any]

BOUND: Look = {"color": "0.35", "linestyle": "--", "linewidth": 1.2}
PREDICTION: Look = {"color": "black", "linestyle": ":", "linewidth": 1.4}  # a number predicted before the data
CONTROL: Look = {"color": "0.5", "marker": "x"}
REFERENCE: Look = {"color": "black", "marker": "o"}  # the real data, or the same-law case
KEPT: Look = {"color": "#0173b2", "marker": "s"}  # what keeps utility or order: a right class, smooth errors
LOST: Look = {"color": "#d55e00", "marker": "D"}  # what loses them: a wrong class, errors in the worst direction
ALLOWED: Look = {"color": KEPT["color"], "alpha": 0.13, "linewidth": 0, "zorder": 0}  # where points should lie
FORBIDDEN: Look = ALLOWED | {"color": LOST["color"]}  # and where none may

FINDING: Look = {"fontsize": 9.5, "fontweight": "bold", "x": 0.01, "horizontalalignment": "left"}
"""How a figure or a row of panels says its finding above the titles of the panels."""

_COLOURS = (
    "#00665e", "#aa4499", "#b06f00", "#332288", "#cc6677", "#2e9e4f", "#7a7a00", "#8060c0", "#882255", "#6b4226",
)  # fmt: skip
"""Colours of names: none of those above, each at least 3:1 against white."""
_LADDER = LinearSegmentedColormap.from_list("ladder", ["#14145e", "#7b1fa2", "#c2356b", "#b8860b"])
_MARKERS = "^vP*<>hpd8"
_NAMES = (
    ("knn", "wide_network", "nearest", "nearest_wide"),
    ("linear", "linear_network", "nearest_one"),
    ("quadratic", "naive_bayes"),
    ("poly", "quintic"),
    ("copula", "logistic", "narrow_network", "local_linear", "class_gaussian"),
    ("mlp",),
    ("forest",),
    ("boosting",),
    ("kernel_ridge", "tree"),
    ("nadaraya_watson", "nearest_few"),
)
"""Names that share a colour and a marker; other names get some slot by their checksum."""
_SLOTS = {name: slot for slot, names in enumerate(_NAMES) for name in names}


def look(name: str, control: bool = False) -> Look:
    """Return colour and marker of a name; grey crosses for a control."""
    if control:
        return dict(CONTROL)
    if name in ("real", "uniform"):
        return dict(REFERENCE)
    slot = _SLOTS.get(name, crc32(name.encode()) % len(_COLOURS))
    return {"color": _COLOURS[slot], "marker": _MARKERS[slot]}


def base(name: str) -> str:
    """Return the name of a curve without what an override of the command line sets apart: `knn, 2.0` is `knn`."""
    return re.split(r", (?![^(]*\))", name)[0]


def dashes(step: int) -> Look:
    """Return the line style of one of several curves of one name."""
    return {"linestyle": ("-", "--", ":", "-.")[step % 4]}


def ladder(step: int, steps: int) -> Look:
    """Return colour and marker of one of several ordered values: dark to light, so that the order shows in grey too.

    Laws of synthetic features are ordered by their distance to the real one.
    """
    shade = _LADDER(step / max(1, steps - 1))
    return {"color": mpl.colors.to_hex(shade), "marker": _MARKERS[step % len(_MARKERS)]}


def rungs(names: Iterable[str]) -> Callable[[str], Look]:
    """Return the function from a name to its look, for the names of ordered values in their order."""
    order = list(dict.fromkeys(base(name) for name in names))
    return lambda name: ladder(order.index(name), len(order))


def apply() -> None:
    """Set the style of all figures: sans serif, thin grid, embedded fonts."""
    sns.set_theme(context="paper", style="whitegrid", font="DejaVu Sans")
    mpl.rcParams.update(
        {
            "axes.edgecolor": "0.4",
            "axes.linewidth": 0.8,
            "axes.titlesize": 9,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 8,
            "xtick.labelsize": 7,
            "ytick.labelsize": 7,
            "legend.fontsize": 8,
            "legend.frameon": False,
            "grid.linewidth": 0.4,
            "lines.linewidth": 1.3,
            "lines.markersize": 4,
            "svg.hashsalt": "utility",
            "figure.constrained_layout.use": True,
        }
    )


DPI = 200
"""Dots per inch of PNG; the layout is made for them, since widths of text depend on it."""


def save(figure: Figure, base: Path, vector: bool = True) -> None:
    """Write a figure as `<base>.png` and, with `vector`, as `<base>.svg`, without dates."""
    base.parent.mkdir(parents=True, exist_ok=True)
    figure.set_dpi(DPI)
    lay_out(figure)
    figure.savefig(base.with_suffix(".png"), dpi=DPI, metadata={"Software": None})
    if vector:
        figure.savefig(base.with_suffix(".svg"), metadata={"Date": None})


def lay_out(figure: Figure) -> None:
    """Place the panels, once for all formats, to a millionth: the layout's last bits depend on what was drawn before."""
    figure.draw_without_rendering()
    with mpl.rc_context({"figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)  # with an engine, "none" too, `savefig` would draw twice
    for ax in figure.axes:
        ax.set_position(np.round(ax.get_position(original=True).bounds, 6).tolist())
