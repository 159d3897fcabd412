"""Fidelity of features against what training costs, one cause at a time: unlike features, or wrong responses."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import generators, panels, style, tidy
from figures.rows import without_options

TITLES = {"adult": "Adult", "mnist": "MNIST", "digits": "Digits"}
CAUSES = {
    "features": ("odd features, right responses", style.KEPT),
    "responses": ("real features, wrong responses", style.LOST),
    "shuffled": ("responses exchanged (control)", style.CONTROL),
}
NETWORK, OTHERS = "network", "linear model and nearest neighbours"
REAL = ["flipped", "cyclic_flips", "relabelled"]
"""Sources with real features."""

caption = panels.caption(
    "Narrow panels: the area under the ROC curve of a classifier that tells the features from real ones; 0.5 is perfect "
    "fidelity. Wide panels: share of its advantage over the constant guess that a network loses (large marks, with joint 95% "
    "intervals over test rows, training rows and refits; small: linear model and nearest neighbours); linear up to 1, "
    "logarithmic beyond; dotted: half. All responses come from one teacher. Squares: only the features are at fault. "
    "Diamonds: the features are real, the responses are not. Crosses: the features of the squares with their responses "
    "exchanged among rows."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lost shares of every source and model against the area; `cause` says what is at fault."""
    found = pd.concat([tidy.lost_shares(own, 0.95, cause=str(k)) for k, own in rows.groupby("measurement", observed=True)])
    responses = without_options(found["label"]).isin(REAL)
    cause = found["cause"].mask(found["cause"] != "shuffled", "features").mask(responses, "responses")
    return tidy.table([found.assign(cause=cause)])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two panels for each data set: fidelity, and what is lost, with a line for each source."""
    shown = [d for d in TITLES if (estimates["panel"] == d).any()]
    places = {cause: _order(estimates, cause) for cause in ("features", "responses")}
    rows = {label: k for k, label in enumerate([CAUSES["features"][0], *places["features"], CAUSES["responses"][0],
                                                *places["responses"]])}  # fmt: skip
    figure, [axes] = panels.grid(0.21 * len(rows) + 1.3, 1, 2 * len(shown), width_ratios=[0.45, 1] * len(shown), sharey=True)
    for fidelity, lost, dataset in zip(axes[::2], axes[1::2], shown):
        part = panels.of(estimates, dataset)
        part = part.assign(place=part["label"].map(rows))
        _fidelity(fidelity, part)
        _lost(lost, part)
        lost.set_title(TITLES[dataset])
    axes[0].set_yticks(list(rows.values()), [generators.words(name) for name in rows], fontsize=8)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    heads = {label: look["color"] for label, look in CAUSES.values()}
    for text, name in zip(axes[0].get_yticklabels(), rows):
        text.set(color=heads.get(name, "black"), fontweight="bold" if name in heads else "normal")
    panels.headline(figure, "Odd features rarely cost a network half its advantage; moved labels cost it all")
    panels.legend_below(figure, axes[1])
    return figure


def _order(estimates: pd.DataFrame, cause: str) -> list[str]:
    """Sources of one cause: by fidelity, or by what they cost."""
    by = {"features": "x", "responses": "value"}[cause]
    own = estimates[(estimates["cause"] == cause) & (estimates["curve"] == "mlp")]
    return list(own.groupby("label")[by].mean().sort_values(kind="stable").index)


def _fidelity(ax: Axes, part: pd.DataFrame) -> None:
    """Bars from 1/2, where nothing can be distinguished, to the area under the curve."""
    for cause in ("features", "responses"):
        own = part[(part["cause"] == cause) & (part["curve"] == "mlp")]
        ax.barh(own["place"], own["x"] - 0.5, left=0.5, height=0.55, color=CAUSES[cause][1]["color"])
    ax.axvline(0.5, color="0.3", linewidth=0.8)
    ax.set(xlim=(0.45, 1), xlabel="told apart\n(AUC)")
    ax.set_xticks([0.5, 1], ["0.5", "1"])
    ax.grid(axis="y", visible=False)


def _lost(ax: Axes, part: pd.DataFrame) -> None:
    """Points by cause, those of the network with intervals."""
    for cause, (label, look) in CAUSES.items():
        names = {"features": (NETWORK, OTHERS), "shuffled": (label, "")}.get(cause, ("", ""))
        own = part[part["cause"] == cause]
        network, others = own[own["curve"] == "mlp"], own[own["curve"] != "mlp"]
        small = look | {"linestyle": "none", "markersize": 2.5, "markerfacecolor": "white"}
        ax.plot(others["value"], others["place"], label=names[1], **small)
        ax.errorbar(network["value"], network["place"], xerr=panels.reach(network), linestyle="none", label=names[0], **look)
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.axvline(0.5, **style.PREDICTION)
    ends = part.loc[np.isfinite(part[["low", "high"]]).all(axis=1), ["low", "high"]].to_numpy()
    ax.set_xscale("symlog", linthresh=1)
    ticks = [-0.5, 0, 0.5, 1, 2, 4, 8]
    ax.set_xticks(ticks, ["−½", "0", "½", *map(str, ticks[3:])])
    ax.set(xlim=(max(-1, ends.min(initial=-0.1)), 1.1 * ends.max(initial=1)), xlabel="share of the advantage lost")
