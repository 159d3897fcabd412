"""Draw an experiment's figure, as PNG and PDF without dates."""

from __future__ import annotations

import importlib
import json
import pkgutil
from types import ModuleType

import pandas as pd

from experiments.compose import Experiment, stem
from experiments.registry import ConfigError, near
from experiments.store import write_whole
from figures import plots


def plot(name: str) -> ModuleType:
    """Return the module of figures/plots that draws the figure `name`: `draw(rows)` and `caption(rows)`."""
    known = [m.name for m in pkgutil.iter_modules(plots.__path__)]
    if name not in known:
        raise ConfigError(f"figure: unknown figure {name!r}{near(name, known)}")
    return importlib.import_module(f"figures.plots.{name}")


def draw(experiment: Experiment, rows: pd.DataFrame) -> None:
    """Write figures/<experiment>.{png,pdf,json} below the experiment's folder; the json holds the caption."""
    if not experiment.config["figure"]:
        return
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures import style

    module = plot(experiment.config["figure"])
    base = experiment.folder / "figures" / stem(experiment.name)
    style.apply()
    figure = module.draw(rows)
    style.save(figure, base)
    write_whole(base.with_suffix(".json"), json.dumps({"caption": module.caption(rows)}, ensure_ascii=False))
