"""Fidelity of features against what training costs, one cause at a time: unlike features, or wrong responses."""

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.rows import matching, without_options

TITLES = {"adult": "Adult", "mnist": "MNIST", "digits": "Digits"}
CAUSES = {
    "features": ("features of generators, right responses", {"color": "#0173b2", "marker": "o"}),
    "responses": ("real features, wrong responses", {"color": "#d55e00", "marker": "s"}),
    "shuffled": ("the same features, responses exchanged", style.CONTROL),
}
REAL = ["flipped", "cyclic_flips", "relabelled"]
"""Sources with real features."""
SHORTER = {"relabelled(by=": "labels by ", "flipped(rate=": "flips ", "(bandwidth=1)": ""}
SHORT = re.compile("|".join(map(re.escape, SHORTER)))

caption = panels.caption(
    "Share of its advantage over the constant guess that a network loses (large, with joint 95% intervals over test rows, "
    "training rows and refits; small: linear model and nearest neighbours) against the area under the ROC curve of a "
    "classifier that tells the features from real ones. All responses come from one teacher. Circles: only the features are"
    " at fault. Squares: the features are real, the responses are not. Crosses: the features of the circles with their "
    "responses exchanged among rows. Linear up to 1, logarithmic beyond."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lost shares of every source and model against the area; `cause` says what is at fault."""
    found = pd.concat([tidy.lost_shares(own, 0.95, cause=str(k)) for k, own in rows.groupby("measurement", observed=True)])
    responses = without_options(found["label"]).isin(REAL)
    cause = found["cause"].mask(found["cause"] != "shuffled", "features").mask(responses, "responses")
    return tidy.table([found.assign(cause=cause)])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each data set."""
    shown = [d for d in TITLES if (estimates["panel"] == d).any()]
    figure, [axes] = panels.grid(3.6, 1, len(shown))
    for ax, dataset in zip(axes, shown):
        _points(ax, panels.of(estimates, dataset))
        ax.set(title=TITLES[dataset], xlabel="area under the curve, features", ylabel="share of the advantage lost")
    panels.legend_below(figure, axes[0])
    return figure


def _points(ax: Axes, part: pd.DataFrame) -> None:
    """Points by cause, those of the network with intervals and names."""
    for cause, (label, look) in CAUSES.items():
        own = part[part["cause"] == cause]
        network, others = own[own["curve"] == "mlp"], own[own["curve"] != "mlp"]
        ax.plot(others["x"], others["value"], linestyle="none", alpha=0.5, **look | {"markersize": 2.5})
        ax.errorbar(network["x"], network["value"], panels.reach(network), linestyle="none", label=label, **look)
    ax.axhline(0, color="0.3", linewidth=0.8)
    ax.axhline(0.5, **style.PREDICTION)
    ax.set_yscale("symlog", linthresh=1)
    ends = part[np.isfinite(part[["low", "high"]]).all(axis=1)]
    ends = pd.DataFrame({"low": [0.0], "high": [1.0]}) if ends.empty else ends
    ax.set_yticks([-1, -0.5, 0, 0.5, 1, 2, 4, 8], ["−1", "−0.5", "0", "0.5", "1", "2", "4", "8"])
    ax.set(xlim=(0.4, 1.05), ylim=(max(-1, ends["low"].min()), 1.1 * ends["high"].max()))
    for cause, place in (("responses", 0.24), ("features", 1.03)):
        _names(ax, matching(part, {"curve": "mlp", "cause": cause}).sort_values("value"), place)


def _names(ax: Axes, part: pd.DataFrame, place: float) -> None:
    """Names of points in a column at `place`, a share of the panel's width, moved up where they would overlap."""
    scale = ax.transData + ax.transAxes.inverted()
    heights = panels.apart(scale.transform(part[["x", "value"]].to_numpy())[:, 1], 0.05)
    for name, x, y, height in zip(part["label"], part["x"], part["value"], heights):
        ax.annotate(
            SHORT.sub(lambda found: SHORTER[found[0]], str(name)).replace("_", " ").rstrip(")"), (x, y), (place, height),
            textcoords="axes fraction", va="center", fontsize=6, arrowprops={"arrowstyle": "-", "color": "0.7", "lw": 0.4},
        )  # fmt: skip
