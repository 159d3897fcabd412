"""What to audit, how thoroughly, and with which models; without importing what fits them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from experiments.config.registry import ConfigError, convert

BUNDLED = Path(__file__).parents[1] / "datasets" / "bundled" / "audit"
EXAMPLE = {"real": str(BUNDLED / "real.csv"), "synthetic": str(BUNDLED / "synthetic.csv"), "target": "income"}
"""Two tables that come with the project, and the column to predict."""


class InputError(ConfigError):
    """A user-fixable error: a table, column or option that cannot be audited, and the remedy, in one line."""


class InMemory(str):
    """A name with the object that it stands for: a data frame in place of a path, or a scikit-learn estimator as a model."""

    held: Any

    def __new__(cls, name: str, held: Any) -> InMemory:
        """Name an object."""
        named = super().__new__(cls, name)
        named.held = held
        return named

    def __deepcopy__(self, memo: object) -> InMemory:
        return self


@dataclass(frozen=True)
class Model:
    """A downstream model.

    `label` names it in reports. `seeds` is the number of full fits to average over: 2 where fitting itself is random, so
    that the intervals cover that too. `seconds` is a rough time of a fit on 10,000 rows of 15 columns, only for the order
    of jobs and the progress bar. `stepwise` fits take many small steps between which Python decides: few rows then save
    little, and two such fits in one process wait for each other. `regresses`: it suits regression too; `weighable`: rows
    can have weights, without which no causes are asked for.
    """

    label: str
    seeds: int
    seconds: float
    stepwise: bool = False
    regresses: bool = True
    weighable: bool = True


class _Catalogue(dict[str, Model]):
    """Models by name; an `InMemory` estimator is a model too, taken to be random in itself."""

    def __missing__(self, name: str) -> Model:
        if not isinstance(name, InMemory):
            raise KeyError(name)
        last = name.held.steps[-1][1] if hasattr(name.held, "steps") else name.held
        return Model(f"model {str(name)!r}", 2, 0.4, weighable="sample_weight" in inspect.signature(last.fit).parameters)


CATALOGUE: dict[str, Model] = _Catalogue({
    "linear": Model("linear model", 1, 0.06),
    "naive_bayes": Model("naive Bayes", 1, 0.05, regresses=False),
    "tree": Model("single tree", 1, 0.06),
    "neighbours": Model("nearest neighbours", 1, 0.4),
    "forest": Model("random forest", 2, 0.35),
    "boosting": Model("gradient boosting", 1, 0.25, stepwise=True),
    "mlp": Model("neural network", 2, 0.4),
})

NETWORK_STEPS = 50
"""Steps of a network by L-BFGS; after so many it counts as trained."""


def available(classification: bool) -> list[str]:
    """Return the names of the models that suit the task."""
    return [name for name, model in CATALOGUE.items() if classification or model.regresses]


METRICS = {
    True: {"accuracy": "error", "log_loss": "log_loss", "f1": "f1", "auc": "auc"},
    False: {"rmse": "rmse", "mae": "mae", "r2": "r2"},
}
"""Choices of `metric` for classification and for regression, and the measures that they stand for."""

TASKS = ("auto", "classification", "regression")


@dataclass(frozen=True)
class AuditOptions:
    """The options of an audit, checked.

    Parameters
    ----------
    real, synthetic : str
        Paths of the two tables: CSV (gzip or not), Parquet or Excel (its first sheet). `synthetic` may be
        several on a command line, or a folder of them: each is audited, and they are compared (`several.py`).
    target : str
        Name of the column to predict.
    test : str
        Path of a separate real test table that the generator has not seen; empty: a fifth of the real one is held out.
    task : str
        `classification`, `regression`, or `auto`: numbers with more than 20 values, or with fractions, are regressed.
    metric : str
        What gaps, rankings and the verdict are about: `accuracy` (as error rate), `log_loss`, `f1`, `auc`; `rmse`, `mae`, `r2`;
        `auto`: the error rate, the log loss where nine rows in ten or more are of one class, or the RMSE.
    models : list of str
        Models to train; empty: all that suit the task.
    repeats : int, >= 1
        Random splits of both training tables into halves, from which the intervals are made. With 1, nothing is
        refitted and the intervals are conditional on the two tables.
    seed : int, >= 0
        Seed of everything random.
    rows : int, >= 100
        Most rows taken from each table; larger files are read in chunks and sampled.
    ignore : list of str
        Columns to leave out, such as row numbers.
    keep : list of str
        Columns never to leave out, although they look like identifiers.
    encoding : str
        Text encoding of the CSV files.
    level : float in (0, 1)
        Nominal coverage of the intervals.
    tolerance : float in (0, 1)
        Largest loss that the verdict calls acceptable, as a share of what the best model gains over the plain guess.
    next : bool
        Whether to ask also how many synthetic rows, and which mix of real and synthetic ones, would do better.
    split : str
        A folder: nothing is audited, but the real table cut into train.csv and test.csv there, the test a fifth of the rows.
        Fit the generator to the first and give the second as `test`.
    folder : str
        Where audit.json and audit.html go; empty: a folder of the project's output named after the synthetic table.
    """

    real: str = ""
    synthetic: str = ""
    target: str = ""
    test: str = ""
    task: str = "auto"
    metric: str = "auto"
    models: list[str] = field(default_factory=list)
    repeats: int = 10
    seed: int = 2023
    rows: int = 50_000
    ignore: list[str] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    level: float = 0.95
    tolerance: float = 0.1
    next: bool = False
    split: str = ""
    folder: str = ""

    def __post_init__(self) -> None:
        for name in ("real",) if self.split else ("real", "synthetic", "target"):
            if not getattr(self, name):
                usage = "give audit.real=..., audit.synthetic=... and audit.target=..."
                raise InputError(f"audit.{name}: missing; {usage}")
        for name, hint in get_type_hints(AuditOptions).items():
            try:
                convert(getattr(self, name), tuple[str, ...] if hint == list[str] else hint, f"audit.{name}")
            except ConfigError as error:
                raise InputError(str(error)) from None
        _require(self.task in TASKS, "task", f"one of {', '.join(TASKS)}", self.task)
        metrics = ("auto", *METRICS[True], *METRICS[False])
        _require(self.metric in metrics, "metric", f"one of {', '.join(metrics)}", self.metric)
        for model in self.models:
            _require(isinstance(model, InMemory) or model in CATALOGUE, "models", f"names among {', '.join(CATALOGUE)}", model)
        for name, least in (("repeats", 1), ("seed", 0), ("rows", 100)):
            _require(getattr(self, name) >= least, name, f"an integer >= {least}", getattr(self, name))
        for name in ("level", "tolerance"):
            _require(0 < float(getattr(self, name)) < 1, name, "a number in (0, 1)", getattr(self, name))

    def paths(self) -> dict[str, str]:
        """Return the tables' paths by the names that messages give the tables."""
        return {name: getattr(self, name) for name in ("real", "synthetic", "test") if getattr(self, name)}


PATTERNS = ("*.csv", "*.csv.gz", "*.tsv", "*.tsv.gz", "*.parquet", "*.xlsx")
"""Files of a folder that are taken for tables."""


def synthetic_tables(given: Any) -> dict[str, str]:
    """Return the paths of the synthetic tables by name, from one path, a list of paths, or a folder with tables."""
    listed = isinstance(given, Sequence) and not isinstance(given, str)
    paths = [p if isinstance(p, str) else str(p) for p in (given if listed and given else [given or ""])]
    if len(paths) == 1 and paths[0] and Path(paths[0]).expanduser().is_dir():
        found = sorted(str(path) for pattern in PATTERNS for path in Path(paths[0]).expanduser().glob(pattern))
        if not found:
            raise InputError(f"audit.synthetic: no table in the folder {paths[0]}; expected {', '.join(PATTERNS)}")
        paths = found
    names: dict[str, str] = {}
    for path in paths:
        stem = Path(path).name.split(".")[0] or "table"
        taken = sum(name == stem or name.startswith(f"{stem}-") for name in names)
        names[f"{stem}-{taken + 1}" if stem in names else stem] = path
    return names


def _require(holds: bool, name: str, expected: str, value: object) -> None:
    if not holds:
        raise InputError(f"audit.{name}: expected {expected}, got {value!r}")


_HINTS = get_type_hints(AuditOptions) | {"synthetic": Any}
AuditConfig: type = make_dataclass(
    "AuditConfig",
    [(f.name, _HINTS[f.name], field(default=f.default, default_factory=f.default_factory)) for f in fields(AuditOptions)],
)
"""The same options without checks and open to change, as a typed node of the configuration."""
