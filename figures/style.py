"""One visual language: colour and marker by name, the same in every figure; readable in grey."""

from zlib import crc32

import matplotlib as mpl
import seaborn as sns

WIDTH = 7.0
"""Text width of a journal page, inches."""

BOUND = {"color": "0.35", "linestyle": "--", "linewidth": 1.2}
"""How a bound is drawn."""

PREDICTION = {"color": "black", "linestyle": ":", "linewidth": 1.4}
"""How a number predicted before the data is drawn."""

CONTROL = {"color": "0.55", "marker": "x", "linestyle": "-"}
"""How a negative control is drawn."""

_PALETTE = sns.color_palette("colorblind", 10).as_hex()
_MARKERS = "osD^vP*X<>"
_FIXED = {"uniform": 0, "beta(a=2.0)": 1, "beta": 1, "truncated_normal": 2, "leaking": 4, "knn": 0, "poly": 3, "linear": 8}


def colour(name: str) -> str:
    """Return the colour that belongs to a name."""
    return str(_PALETTE[_slot(name)])


def marker(name: str) -> str:
    """Return the marker that belongs to a name."""
    return _MARKERS[_slot(name)]


def _slot(name: str) -> int:
    return _FIXED.get(name, crc32(name.encode()) % len(_PALETTE))


def apply() -> None:
    """Set the style of all figures: serif-free, thin grid, embedded fonts."""
    sns.set_theme(context="paper", style="whitegrid", font="DejaVu Sans")
    mpl.rcParams.update(
        {
            "axes.edgecolor": "0.4",
            "axes.titlesize": 9,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 9,
            "legend.fontsize": 7.5,
            "legend.frameon": False,
            "grid.linewidth": 0.4,
            "lines.linewidth": 1.4,
            "lines.markersize": 4,
            "pdf.fonttype": 42,
            "svg.hashsalt": "utility",
            "figure.constrained_layout.use": True,
        }
    )
