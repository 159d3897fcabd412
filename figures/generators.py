"""Generators by name: in words, and what each costs every model, beside what its certificates are worth."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from figures import panels, style

WORDS = {
    "cart": "sequential trees", "mlp": "network", "gan": "adversarial", "cvae": "autoencoder",
    "independent": "independent in class", "unconditional": "all independent", "cyclic_flips": "moved labels",
    "class_gaussian": "normal law", "gaussian_mixture": "normal mixture", "tilted": "uneven weights",
    "flipped": "wrong labels", "relabelled": "labels by",
    "nearest_few": "10 neighbours", "nearest_wide": "50 neighbours",
}  # fmt: skip
"""How figures call generators and models, where not by their names."""


def words(name: str) -> str:
    """Return a generator or model with its options in words: `cvae(epochs=20)` is "autoencoder, 20 epochs"."""
    kind, _, options = name.partition("(")
    said = re.sub(r"(epochs|steps)=(\d+)", r", \2 \1", options.rstrip(")"))
    option = WORDS.get(said.rpartition("=")[2], said.rpartition("=")[2]).replace("_", " ")
    return WORDS.get(kind, panels.learner(kind)) + (option if option.startswith(",") else f" {option}" * bool(option))


def by_generator(axes: Sequence[Axes], estimates: pd.DataFrame, datasets: Mapping[str, str], most: float) -> str:
    """Draw `tidy.lost_shares` of data sets (by their titles) and `tidy.certificates`; say which generator costs least."""
    shares = estimates[estimates["panel"].isin(datasets)]
    order = list(shares.groupby("label")["value"].mean().sort_values(kind="stable").index)
    for ax, (dataset, title) in zip(axes, datasets.items()):
        _lost_shares(ax, panels.of(shares, dataset), order)
        ax.set_title(title)
    _certificates(axes[-1], panels.of(estimates, "pairs"), order, most)
    for ax in axes:
        ax.set_yticks(range(len(order)), [words(s) for s in order] if ax is axes[0] else [], fontsize=8)
        ax.set_ylim(len(order) - 0.5, -0.5)
    return f"{words(order[0]).capitalize()}: the generator whose rows cost models least" if order else ""


def _lost_shares(ax: Axes, part: pd.DataFrame, order: list[str]) -> None:
    """Sources by models, in percent; a star where 0 is not possible, a dash where there is nothing to lose."""
    models = sorted(part["curve"].unique())
    table = part.pivot_table(index="label", columns="curve", values="value").reindex(index=order, columns=models)
    ax.imshow(table.clip(0, 1), cmap="Oranges", vmin=0, vmax=1.3, aspect="auto")
    for label, model, value, low, high in part[["label", "curve", "value", "low", "high"]].itertuples(index=False):
        text = f"{100 * value:.0f}".replace("-0", "0") + "*" * (low > 0 or high < 0) if np.isfinite(low) else "–"
        shade = "white" if value > 0.85 else "black"
        ax.text(models.index(model), order.index(label), text, ha="center", va="center", fontsize=7, color=shade)
    for label in table.index[table.isna().all(axis=1)]:
        ax.text(len(models) / 2 - 0.5, order.index(label), "not run", ha="center", va="center", fontsize=7)
    ax.set_xticks(range(len(models)), [words(m) for m in models], rotation=90, fontsize=8)
    ax.grid(visible=False)


def _certificates(ax: Axes, part: pd.DataFrame, order: list[str], most: float) -> None:
    """A line for each source, beyond `most` shaded; those from other models as grey crosses, numbers of pairs at the right."""
    known = part[part["label"].isin(order)]
    for curve, own in known.groupby("curve"):
        y, look = own["label"].map(order.index), style.CONTROL if curve == "permuted" else style.REFERENCE
        ax.errorbar(own["value"], y + 0.3 * (curve == "permuted"), xerr=panels.reach(own), linestyle="none", **look)
    for label, number in known.loc[known["curve"] == "certified", ["label", "x"]].itertuples(index=False):
        ax.text(1.06, order.index(label), f"{number:.0f} pairs", va="center", fontsize=7)
    ax.axvspan(most, 1.03, **style.FORBIDDEN)
    ax.set(xlim=(-0.03, 1.03), xticks=[0, 0.5, 1], xlabel=f"share in the wrong order\n(bound: {most:g})")
    ax.set_title("certified pairs")
    ax.grid(axis="y", visible=False)
