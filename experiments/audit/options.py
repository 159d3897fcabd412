"""The options of an audit, with their defaults and checks."""

from dataclasses import dataclass, field, fields, make_dataclass
from typing import get_type_hints

from experiments.audit.catalogue import CATALOGUE
from experiments.audit.errors import InputError

TASKS = ("auto", "classification", "regression")


@dataclass(frozen=True)
class AuditOptions:
    """What to audit, and how thoroughly.

    Parameters
    ----------
    real, synthetic : str
        Paths of the two tables: CSV, gzip or not, or Parquet.
    target : str
        Name of the column to predict.
    test : str
        Path of a separate real test table that the generator has not seen; empty: a fifth of the real one is held out.
    task : str
        `classification`, `regression`, or `auto`: numbers with more than 20 values, or with fractions, are regressed.
    models : list of str
        Models to train; empty: all that suit the task.
    repeats : int, >= 1
        Random cuts of both training tables into halves, from which the intervals are made. With 1, nothing is refitted
        and the intervals are conditional on the two tables.
    seed : int, >= 0
        Seed of everything random.
    rows : int, >= 100
        Most rows taken from each table; larger files are read in chunks and sampled.
    ignore : list of str
        Columns to leave out, such as row numbers.
    encoding : str
        Text encoding of the CSV files.
    level : float in (0, 1)
        Nominal coverage of the intervals.
    folder : str
        Where audit.json and audit.html go; empty: a folder of the project's output named after the synthetic table.
    tolerance : float in (0, 1)
        Largest loss that the verdict calls acceptable, as a share of what the best model gains over the plain guess.
    """

    real: str = ""
    synthetic: str = ""
    target: str = ""
    test: str = ""
    task: str = "auto"
    models: list[str] = field(default_factory=list)
    repeats: int = 10
    seed: int = 2023
    rows: int = 50_000
    ignore: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    level: float = 0.95
    tolerance: float = 0.1
    folder: str = ""

    def __post_init__(self) -> None:
        for name in ("real", "synthetic", "target"):
            if not getattr(self, name):
                raise InputError(
                    f"audit.{name}: missing; give audit.real=..., audit.synthetic=... and audit.target=..."
                )
        _require(self.task in TASKS, "task", f"one of {', '.join(TASKS)}", self.task)
        for model in self.models:
            _require(model in CATALOGUE, "models", f"names among {', '.join(CATALOGUE)}", model)
        _require(self.repeats >= 1, "repeats", "an integer >= 1", self.repeats)
        _require(self.seed >= 0, "seed", "an integer >= 0", self.seed)
        _require(self.rows >= 100, "rows", "an integer >= 100", self.rows)
        _require(0 < self.level < 1, "level", "a number in (0, 1)", self.level)
        _require(0 < self.tolerance < 1, "tolerance", "a number in (0, 1)", self.tolerance)


def _require(holds: bool, name: str, expected: str, value: object) -> None:
    if not holds:
        raise InputError(f"audit.{name}: expected {expected}, got {value!r}")


_HINTS = get_type_hints(AuditOptions)

AuditConfig: type = make_dataclass(
    "AuditConfig",
    [
        (f.name, _HINTS[f.name], field(default=f.default, default_factory=f.default_factory))
        for f in fields(AuditOptions)
    ],
)
"""The same options without checks and open to change, as a typed node of the configuration."""
