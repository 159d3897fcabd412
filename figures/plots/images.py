"""Images of every source, what they cost each model, and how they differ from real ones: rows by fidelity, columns by model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from experiments.estimators.intervals import auc_interval, mean_interval, simultaneous_level
from experiments.estimators.rankings import choice_regret, kendall_tau, pairwise
from experiments.measurements.images import LABELS, SHOWN
from figures import panels, style, tidy
from figures.rows import Losses, losses, lost_shares

MODELS = {
    "pixel_logistic": "linear", "pixel_mlp": "hidden 64", "deep_mlp": "hidden 2 × 256", "convnet": "conv",
    "nearest_few": "10 neighbours",
}  # fmt: skip
"""Models from left to right, and what they are called."""
SOURCES = {
    "image_gaussian": "normal law", "image_kernel_density": "kernel density", "moved": "moved, noise", "wide": "noise 2",
    "image_vae": "autoencoder, {} steps", "image_gan": "adversarial, {} steps", "image_flow": "flow, {} steps",
    "cyclic_flips": "labels moved, {}",
}  # fmt: skip
"""What sources are called."""
NUMBERS = {"area": "area", "labels": "labels contradicted, %", "tau": "Kendall's τ", "regret": "regret, %"}
"""The columns beside the heat map."""
DIGITS = 8
"""Images shown of each source: classes 0 to 7."""
MAIN = "main"

caption = panels.caption(
    "Left: images of the classes 0 to 7, real and by source, from those that a network hardly tells from real ones to "
    "those that it always tells. Middle: share of its advantage over the constant guess, in percent, that each model loses "
    "when trained on them instead of on {n:,} real images; a dot where the 95% interval of this number, over test rows, "
    "training rows and refits, excludes 0. Right: area under the ROC curve of the network that tells them from real "
    "images; share of labels that a strong network contradicts, which under heavy noise may be right ones; Kendall's τ of "
    "the models' risks after real and after synthetic training; what it costs, in error rate, to choose the model that "
    "looks best after synthetic training. Labels moved: such a share of labels is the next class. Moved, noise: by up to 2 "
    "pixels, noise of a tenth of the grey range; noise 2: of twice the range. Hidden, conv: units and channels of a "
    "network. Below, where other sizes were run: the same shares for n real and m synthetic images."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return lost shares by panel (sizes), source (`label`) and model (`curve`); numbers about each source; pixels shown.

    Numbers and pixels are of the largest n with all models (`MAIN`), and of the least m.
    """
    main = rows[rows["measurement"] == MAIN] if (rows["measurement"] == MAIN).any() else rows
    n, ratio = main["n"].max(), main["ratio"].min()
    parts = _about(_by_source(main[(main["n"] == n) & (main["ratio"] == ratio)]))
    for (size, times), block in rows.groupby(["n", "ratio"], sort=True):
        real = rows["generator"] == "real"
        found = _by_source(pd.concat([rows[real & (rows["n"] == size)], block[block["generator"] != "real"]]))
        panel = MAIN if (size, times) == (n, ratio) else f"n = {size:,}" + (f", m = {times:g} n" if times != 1 else "")
        parts += _shares(found, panel)
    return tidy.table(parts).assign(n=n)


def _by_source(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of one cell of each source."""
    groups = rows.groupby("generator", observed=True, sort=False)
    return {str(name): own[own["cell"] == own["cell"].iloc[0]] for name, own in groups}


def _losses(rows: dict[str, pd.DataFrame]) -> tuple[Losses | None, dict[str, Losses]]:
    """Losses after real training and at every synthetic source, of the models that all of them have."""
    common = set.intersection(*(set(own["model"].dropna()) for own in rows.values()))
    found = {name: losses(own[own["model"].isna() | own["model"].isin(common)]) for name, own in rows.items()}
    return found.pop("real", None), found


def _shares(rows: dict[str, pd.DataFrame], panel: str) -> list[pd.DataFrame]:
    real, synthetic = _losses(rows)
    if real is None:
        return []
    return [
        tidy.points(model, [np.nan], [share], panel=panel, label=source)
        for source, own in synthetic.items()
        for model, share in zip(real.models, lost_shares(real, own, 0.95))
    ]


def _about(rows: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Area, wrong labels and pixels of each source; Kendall's tau and regret of the synthetic ones."""
    parts = []
    for source, own in rows.items():
        alone = own[own["model"].isna()].sort_values("test_row")
        real, drawn, labels = (alone.loc[alone["half"] == half, "loss"] for half in (0, 1, LABELS))
        numbers = {"area": auc_interval(real, drawn, 0.95), "labels": mean_interval(labels, 0.95).scaled(100)}
        parts += [tidy.points(k, [np.nan], [v], panel="numbers", label=source) for k, v in numbers.items()]
        images = alone[alone["half"].between(SHOWN, SHOWN + DIGITS - 1)].pivot(index="half", columns="test_row", values="loss")
        shown = images.astype(int).add_prefix("v").reset_index(names="x")
        parts.append(shown.assign(panel="images", curve="image", label=source, x=shown["x"] - SHOWN))
    before, synthetic = _losses(rows)
    if before is None or len(before.models) < 2:
        return parts
    pairs = len(before.models) * (len(before.models) - 1) // 2
    both, each = simultaneous_level(2 * pairs, 0.95), simultaneous_level(pairs, 0.95)
    for source, after in synthetic.items():
        truth, found = (pairwise(table.full, table.halves, both) for table in (before, after))
        regret = choice_regret(int(after.full.mean(axis=1).argmin()), pairwise(before.full, before.halves, each), 0.95)
        numbers = {"tau": kendall_tau(truth, found, 0.95), "regret": regret.scaled(100)}
        parts += [tidy.points(k, [np.nan], [v], panel="numbers", label=source) for k, v in numbers.items()]
    return parts


def draw(estimates: pd.DataFrame) -> Figure:
    """Return images, shares and numbers of each source; below, the shares at other sizes."""
    numbers = panels.of(estimates, "numbers").pivot_table(index="label", columns="curve", values="value")
    order = sorted(numbers.index, key=lambda source: (source != "real", round(numbers["area"][source], 3), str(source)))
    others = [p for p in estimates["panel"].unique() if p not in (MAIN, "numbers", "images")]
    heights = [0.3 * len(order) + 1.0, 0.17 * len(order) + 0.9] if others else [0.3 * len(order) + 1.0]
    figure = Figure(figsize=(style.WIDTH, sum(heights)))
    [above, *below] = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    shares = panels.of(estimates, MAIN)
    models = _models(list(shares["curve"].unique()))
    left, middle, right = above.subplots(1, 3, width_ratios=[DIGITS, max(3.0, 1.1 * len(models)), 5])
    _images(left, panels.of(estimates, "images"), order)
    _heat(middle, shares, order, models)
    middle.set(title="advantage lost, %", yticks=[])
    _numbers(right, numbers, order)
    panels.headline(figure, _finding(shares, numbers["area"]))
    for part in below:
        rest = [s for s in order if s in set(estimates.loc[estimates["panel"].isin(others), "label"])]
        columns = [_models(list(panels.of(estimates, panel)["curve"].unique())) for panel in others]
        axes = part.subplots(1, len(others), squeeze=False, width_ratios=[max(3, len(models)) for models in columns])[0]
        for k, (ax, panel, models) in enumerate(zip(axes, others, columns)):
            _heat(ax, panels.of(estimates, panel), rest, models)
            ax.set_title(panel.replace(", m", "\nm"))
            ax.tick_params(labelleft=k == 0)
    return figure


def _finding(shares: pd.DataFrame, area: "pd.Series[float]") -> str:
    """Say what the source `moved` costs the linear model and the widest network."""
    lost = 100 * shares[shares["label"] == "moved"].set_index("curve")["value"]
    networks = [name for name in _models(list(lost.index)) if name.startswith("convnet")]
    if not networks or "pixel_logistic" not in lost:
        return "What images cost each model, by how surely a network tells them from real ones"
    told = f"By moved digits with noise (area {area['moved']:.2f}) the linear model loses {lost['pixel_logistic']:.0f}%, "
    return told + f"the widest network {lost[networks[-1]]:.0f}%"


def _models(found: Sequence[str]) -> list[str]:
    kinds = list(MODELS)
    kind = {name: name.partition("(")[0] for name in found}
    rank = {name: kinds.index(k) if k in kinds else len(kinds) for name, k in kind.items()}
    return sorted(found, key=lambda name: (rank[name], len(name), name))


def _called(model: str) -> str:
    """What a model is called: `conv 8` for `convnet(width=8)`."""
    kind, _, options = model.partition("(")
    return f"{MODELS.get(kind, kind)} {options.partition('=')[2].rstrip(')')}".strip()


def _named(source: str) -> str:
    """What a source is called: `vae, 300 steps` for `image_vae(steps=300)`."""
    return SOURCES.get(source.partition("(")[0], "{}").format(source.partition("=")[2].rstrip(")") or source.replace("_", " "))


def _images(ax: Axes, part: pd.DataFrame, order: list[str]) -> None:
    """A strip of images for each source, classes from left to right."""
    pixels = part.filter(regex=r"^v\d+$")
    side = round(pixels.shape[1] ** 0.5)
    sheet = np.zeros((side * len(order), side * DIGITS))
    for label, k, image in zip(part["label"], part["x"].astype(int), pixels.to_numpy(dtype=float)):
        row = side * order.index(label)
        sheet[row : row + side, side * k : side * (k + 1)] = image.reshape(side, side)
    ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=255, aspect="auto", interpolation="nearest")
    ax.set_yticks(side * (np.arange(len(order)) + 0.5) - 0.5, [_named(source) for source in order])
    ax.set_xticks([])
    ax.grid(visible=False)


def _heat(ax: Axes, part: pd.DataFrame, order: list[str], models: list[str]) -> None:
    """Shares in percent, sources down and models across; a dot where the interval excludes 0."""
    table = part.pivot_table(index="label", columns="curve", values="value").reindex(index=order, columns=models)
    ax.imshow(table.clip(0, 1), cmap="Blues", norm=PowerNorm(0.5, 0, 1.2), aspect="auto")
    for label, model, value, low, high in part[["label", "curve", "value", "low", "high"]].itertuples(index=False):
        x, y, colour = models.index(model), order.index(label), "white" if value > 0.4 else "black"
        ax.text(x, y, f"{100 * value:.0f}" if np.isfinite(low) else "–", ha="center", va="center", fontsize=6.5, color=colour)
        if low > 0 or high < 0:
            ax.plot(x + 0.36, y - 0.3, marker="o", markersize=1.8, color=colour)
    ax.set_xticks(range(len(models)), [_called(model) for model in models], rotation=45, ha="right")
    ax.set_yticks(range(len(order)), [_named(source) for source in order])
    ax.grid(visible=False)


def _numbers(ax: Axes, numbers: pd.DataFrame, order: list[str]) -> None:
    """The numbers of each source as text."""
    formats = {"area": ".2f", "labels": ".0f", "tau": ".2f", "regret": ".1f"}
    for x, (name, digits) in enumerate(formats.items()):
        for y, source in enumerate(order):
            value = numbers[name].get(source, np.nan) if name in numbers else np.nan
            ax.text(x, y, "–" if np.isnan(value) else f"{value:{digits}}", ha="center", va="center", fontsize=7)
    ax.set_xticks(range(len(NUMBERS)), list(NUMBERS.values()), rotation=45, ha="right")
    ax.set(xlim=(-0.5, len(NUMBERS) - 0.5), ylim=(len(order) - 0.5, -0.5), yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
