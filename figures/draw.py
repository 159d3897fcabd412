"""Draw an experiment's figure, as PNG and PDF without dates."""

from __future__ import annotations

import importlib
import json
import pkgutil
import traceback
from types import ModuleType

import pandas as pd

from experiments.config.compose import Experiment, stem
from experiments.config.registry import ConfigError, near
from experiments.engine.store import write_whole
from figures import plots


def plot(name: str) -> ModuleType:
    """Return the module of figures/plots that draws the figure `name`: `draw(rows)` and `caption(rows)`."""
    known = [m.name for m in pkgutil.iter_modules(plots.__path__)]
    if name not in known:
        raise ConfigError(f"figure: unknown figure {name!r}{near(name, known)}")
    return importlib.import_module(f"figures.plots.{name}")


def draw(experiment: Experiment, rows: pd.DataFrame) -> str:
    """Write figures/<experiment>.{png,pdf,json} below the experiment's folder; the json holds the caption.

    Returns
    -------
    str
        What went wrong, in a line, where a figure cannot be drawn of these rows; verdicts do not depend on it.
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
        figure, caption = module.draw(rows), module.caption(rows)
    # a figure made for one grid may miss anything in the rows of another
    except Exception as error:
        write_whole(why, traceback.format_exc())
        for suffix in (".png", ".pdf", ".json"):
            base.with_suffix(suffix).unlink(missing_ok=True)
        return f"figure of {experiment.name}: {type(error).__name__}: {error} (traceback: {why})"
    style.save(figure, base)
    write_whole(base.with_suffix(".json"), json.dumps({"caption": caption}, ensure_ascii=False))
    why.unlink(missing_ok=True)
    return ""
