"""Draw an experiment's figure: the table of its estimates as CSV, the picture as PNG and SVG without dates, its caption."""

from __future__ import annotations

import importlib
import json
import pkgutil
import traceback
from io import StringIO
from types import ModuleType

import pandas as pd

from experiments.config.compose import Experiment, stem
from experiments.config.registry import ConfigError, near
from experiments.engine.store import write_whole
from figures import plots

WORDS = {"panel": str, "curve": str, "label": str}
"""Columns of estimates that hold words, also where these look like numbers."""


def plot(name: str) -> ModuleType:
    """Return the module of figures/plots that draws a figure: `estimates(rows)`, `draw(estimates)`, `caption(estimates)`."""
    known = [m.name for m in pkgutil.iter_modules(plots.__path__)]
    if name not in known:
        raise ConfigError(f"figure: unknown figure {name!r}{near(name, known)}")
    return importlib.import_module(f"figures.plots.{name}")


def to_csv(estimates: pd.DataFrame) -> str:
    """Return a table of estimates as CSV: six significant digits, whole numbers exact, nothing for what is missing."""
    return str(estimates.to_csv(index=False, float_format=lambda v: f"{v:.0f}" if float(v).is_integer() else f"{v:.6g}"))


def from_csv(text: str) -> pd.DataFrame:
    """Return the table of `to_csv`; missing words are empty, missing numbers NaN."""
    table = pd.read_csv(StringIO(text), dtype=WORDS, keep_default_na=False, na_values=[""])
    words = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    return table.assign(**{c: table[c].fillna("") for c in words})


def draw(experiment: Experiment, rows: pd.DataFrame) -> str:
    """Write figures/<experiment>.{csv,png,svg,json} below the experiment's folder; the json holds the caption.

    Returns in a line what went wrong, where a figure cannot be drawn from these rows; verdicts do not depend on it.
    """
    if not experiment.config["figure"]:
        return ""
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures import style

    module = plot(experiment.config["figure"])
    base = experiment.folder / "figures" / stem(experiment.name)
    style.apply()
    why = base.with_suffix(".txt")
    try:
        text = to_csv(module.estimates(rows))
        estimates = from_csv(text)
        figure, caption = module.draw(estimates), module.caption(estimates)
    # a figure made for one grid may miss anything in the rows of another
    except Exception as error:
        write_whole(why, traceback.format_exc())
        for suffix in (".csv", ".png", ".svg", ".json"):
            base.with_suffix(suffix).unlink(missing_ok=True)
        return f"figure of {experiment.name}: {type(error).__name__}: {error} (traceback: {why})"
    style.save(figure, base)
    write_whole(base.with_suffix(".csv"), text)
    write_whole(base.with_suffix(".json"), json.dumps({"caption": caption}, ensure_ascii=False))
    why.unlink(missing_ok=True)
    return ""
