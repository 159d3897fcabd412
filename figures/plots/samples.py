"""Real rows beside those of every generator: images of ten classes, or two columns of a table coloured by the response."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import generators, panels

COLUMNS = {"california": ("longitude", "latitude"), "adult": ("age", "hours-per-week")}
"""The two columns that are shown of each table."""

SHADE = "shade"
"""The row of a table that colours its points, in percent; rows of images are named by their class."""

ACROSS = 6
"""Panels of tables side by side."""

IMAGES = (
    "Images of the ten classes (columns, two of each), real and as each generator makes them, fitted on {n:,} real images "
    "and asked for the class. All images, the real ones too, are seen through 50 principal components of the real training "
    "images."
)
TABLES = (
    "Above: longitude and latitude of Californian districts, the lighter the more the houses are worth. Below: age and "
    "weekly hours of people, dark who earns more than 50,000 dollars. Real rows first, then those of generators fitted on "
    "{n:,} of them; axes are the real rows' own, rows outside are not shown."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what is seen of each source (`curve`) fitted to the largest table, in the wide columns `v0`, `v1`, ...

    Of images a row holds one image, its pixels whole numbers from 0 to 255, and `label` is the class; of a table (`panel`)
    a row holds one shown column, or the shades, for all points.
    """
    rows = rows[rows["n"] == rows["n"].max()]
    pixels = [c for c in rows if c.startswith("value_pixel_")]
    if pixels:
        pixels.sort(key=lambda name: int(name.rpartition("_")[2]))  # rows know no order of columns
        found = _images(rows, pixels)
    else:
        found = pd.concat([_table(rows[rows["dataset"] == d], d) for d in COLUMNS if (rows["dataset"] == d).any()])
    return found.assign(n=rows["n"].max())[["panel", "curve", "label", "n", *(c for c in found if c.startswith("v"))]]


def _images(rows: pd.DataFrame, pixels: list[str]) -> pd.DataFrame:
    values = rows[pixels].to_numpy(dtype=float).clip(0, 255).round().astype(int)
    found = pd.DataFrame(values, columns=[f"v{i}" for i in range(len(pixels))])
    named = rows[["generator", "response"]].reset_index(drop=True)
    found = found.assign(panel="images", curve=named["generator"].astype(str), label=named["response"].map("{:.0f}".format))
    parts = [own.sort_values("label", kind="stable") for _, own in found.groupby("curve", sort=False)]
    return pd.concat(parts, ignore_index=True)


def _table(rows: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Columns and shades of every source, points by rising response, so that rare high ones lie on top."""
    real = rows.loc[rows["generator"] == "real", "response"]
    low, high = np.quantile(real, [0.05, 0.95])
    found = []
    for source, part in rows.groupby("generator", observed=True, sort=False):
        part = part.sort_values("response", kind="stable")
        shade = np.clip((part["response"] - low) / max(high - low, 1e-9), 0, 1) * 0.9
        shade = (100 * (0.9 - shade if dataset == "adult" else shade)).round()
        shown = {column: part[f"value_{column}"].astype(float).round(2) for column in COLUMNS[dataset]} | {SHADE: shade}
        for label, own in shown.items():
            values = {f"v{i}": v for i, v in enumerate(own)}
            found.append({"panel": dataset, "curve": str(source), "label": label} | values)
    return pd.DataFrame(found)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a strip of images for each source, or one panel for each table and source."""
    return _draw_images(estimates) if (estimates["panel"] == "images").all() else _draw_tables(estimates)


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    text = IMAGES if (estimates["panel"] == "images").all() else TABLES
    return text.format(n=int(estimates["n"].iloc[0]))


def _sources(estimates: pd.DataFrame, panel: str) -> dict[str, panels.Array]:
    """The values (rows, width) of every source of a panel."""
    values = estimates.filter(regex=r"^v\d").to_numpy(dtype=np.float64)
    own = (estimates["panel"] == panel).to_numpy()
    return {name: values[own & (estimates["curve"] == name).to_numpy()] for name in estimates.loc[own, "curve"].unique()}


def _draw_images(estimates: pd.DataFrame) -> Figure:
    sources = _sources(estimates, "images")
    figure, axes = panels.grid(0.37 * len(sources) + 0.35, len(sources), 1)
    for ax, (name, images) in zip(axes[:, 0], sources.items()):
        strip = _strip(images, estimates.loc[estimates["curve"] == name, "label"].tolist())
        ax.imshow(strip, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
        ax.set_ylabel(generators.words(name), rotation=0, ha="right", va="center", fontsize=8)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(False)
    panels.headline(figure, "Kernel densities draw clear digits; most other generators blur or mix them")
    return figure


def _strip(images: panels.Array, classes: list[str]) -> panels.Array:
    """Images side by side (28, 28 * k), a thin gap between classes."""
    side = round(images.shape[1] ** 0.5)
    pieces: list[panels.Array] = []
    for k, image in enumerate(images.reshape(-1, side, side)):
        pieces += [np.zeros((side, side // 3)), image] if k and classes[k] != classes[k - 1] else [image]
    return np.concatenate(pieces, axis=1)


def _draw_tables(estimates: pd.DataFrame) -> Figure:
    tables = {dataset: _sources(estimates, dataset) for dataset in estimates["panel"].unique()}
    lines = {dataset: -(-len(sources) // ACROSS) for dataset, sources in tables.items()}
    figure, axes = panels.grid(1.4 * sum(lines.values()) + 0.2, sum(lines.values()), ACROSS)
    panels.headline(figure, "Sequential trees draw rows where real rows lie; smooth generators blur them")
    start = 0
    for dataset, sources in tables.items():
        cells = axes[start : start + lines[dataset]].ravel()
        for ax in cells[len(sources) :]:
            ax.set_visible(False)
        for ax, (name, shown) in zip(cells, sources.items()):
            _panel(ax, name, shown, sources["real"])
        for name, say in zip(COLUMNS[dataset], (cells[0].set_xlabel, cells[0].set_ylabel)):
            say(name.replace("-", " "), fontsize=7)
        start += lines[dataset]
    return figure


def _panel(ax: Axes, name: str, shown: panels.Array, real: panels.Array) -> None:
    x, y, shade = shown
    ax.scatter(x, y, c=shade, s=1.6, cmap="plasma", vmin=0, vmax=150, linewidths=0, rasterized=True)
    low, high = np.nanmin(real, axis=1), np.nanmax(real, axis=1)
    (left, bottom, _), (right, top, _) = low - 0.06 * (high - low), high + 0.06 * (high - low)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.set_title(generators.words(name).replace(", ", "\n"), fontsize=7, fontweight="normal")
    named = shown is real
    ax.tick_params(labelsize=6.5, pad=0, labelleft=named, labelbottom=named)
    ax.grid(False)
