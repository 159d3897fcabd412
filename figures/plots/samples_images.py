"""Some images of every generator, one row for each, one column for each class."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import style

CAPTION = (
    "Images of the ten classes (columns, two of each), real and as each generator makes them, fitted on {n:,} real images and "
    "asked for the class. All images, the real ones too, are seen through 50 principal components of the real training images."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the grid for the largest training table."""
    rows = rows[rows["n"] == rows["n"].max()]
    sources = list(rows.groupby("generator", observed=True, sort=False))
    figure = Figure(figsize=(style.WIDTH, 0.37 * len(sources) + 0.15))
    axes = figure.subplots(len(sources), 1, squeeze=False)[:, 0]
    for ax, (name, part) in zip(axes, sources):
        ax.imshow(_strip(part), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
        ax.set_ylabel(str(name).replace("_", " "), rotation=0, ha="right", va="center", fontsize=7)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(False)
        ax.spines[:].set_visible(False)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=int(rows["n"].max()))


def _strip(part: pd.DataFrame) -> np.ndarray:
    """Images side by side (28, 28 * k), classes in order, a thin gap between classes."""
    names = sorted((c for c in part.columns if c.startswith("value_")), key=_number)  # rows know no order of columns
    pixels = part[names].to_numpy(dtype=float)
    side = round(pixels.shape[1] ** 0.5)
    images = pixels[np.argsort(part["response"].to_numpy(), kind="stable")].reshape(-1, side, side)
    classes = np.sort(part["response"].to_numpy())
    pieces = []
    for k, image in enumerate(images):
        if k and classes[k] != classes[k - 1]:
            pieces.append(np.zeros((side, side // 3)))
        pieces.append(image)
    return np.concatenate(pieces, axis=1)


def _number(name: str) -> int:
    """The number of a pixel, `value_pixel_10`, in whose order images are read."""
    return int(name.rpartition("_")[2])
