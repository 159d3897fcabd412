"""The audit from Python: data frames or files in, data frames and the page out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, overload

import pandas as pd
from threadpoolctl import threadpool_limits

import experiments.audit.models  # noqa: F401  loads the libraries whose threads are limited below
from experiments.audit.columns import check_heads
from experiments.audit.core import AuditResult, as_json, run_audit
from experiments.audit.options import CATALOGUE, EXAMPLE, AuditOptions, InMemory, InputError, synthetic_tables
from experiments.audit.several import SeveralResult, run_several
from experiments.config.registry import near
from experiments.engine.store import write_whole
from experiments.estimators.intervals import Interval

Table: TypeAlias = str | os.PathLike[str] | pd.DataFrame
Tables: TypeAlias = list[Any] | tuple[Any, ...] | Mapping[str, Table]


@overload
def audit(real: Table, synthetic: Table, target: str, **options: Any) -> Audit: ...
@overload
def audit(real: Table, synthetic: Tables, target: str, **options: Any) -> Comparison: ...
def audit(
    real: Table,
    synthetic: Table | Tables,
    target: str,
    *,
    test: Table = "",
    models: Sequence[str] | Mapping[str, Any] = (),
    progress: bool = True,
    workers: int = 2,
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Audit | Comparison:
    """Audit a synthetic table against a real one, or several, in a list or by name, which are then compared.

    `real`, `synthetic` and `test` are data frames or paths; `test` is a real table that no generator has seen, without
    which a fifth of `real` is held out. `target` names the column to predict. `models` are names in the catalogue, or
    scikit-learn estimators (or such names) by names of one's own: cloned and seeded for each fit, they see numbers imputed
    and scaled, and indicators of categories. `progress` shows a bar; `workers` are threads, without influence on the result;
    finished fits are kept in the folder `output`, but for one's own estimators. `options` are those of
    `experiments.audit.options.AuditOptions`, such as `repeats`, `metric` or `ignore`.
    Raises `InputError`, a `ValueError` of one line, for what cannot be audited, and `JobsFailed` if fits failed.
    """
    known = {f.name for f in fields(AuditOptions)} - {"split", "folder"}
    for name in options.keys() - known:
        raise InputError(f"audit: no option {name!r}{near(name, known)}")
    several = isinstance(synthetic, list | tuple | Mapping)
    tables = _named(synthetic) if several else {"synthetic": _path(synthetic)}
    one = next(iter(tables.values()), "")
    asked = AuditOptions(_path(real), one, target, _path(test), models=_models(models), **options)
    check_heads(asked, tables.values())
    with TemporaryDirectory() as forgotten, threadpool_limits(1):
        kept = output is not None and not any(isinstance(model, InMemory) for model in asked.models)
        store = Path(output or "") / "store" if kept else Path(forgotten)
        if several:
            return Comparison(run_several(asked, tables, store, workers, progress))
        return Audit(run_audit(asked, store, workers, progress))


def example() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the bundled real and synthetic tables; their target is `income`."""
    return pd.read_csv(EXAMPLE["real"]), pd.read_csv(EXAMPLE["synthetic"])


def page(name: str = "audit_page") -> Any:
    """Return the module that writes reports: figures are above experiments, and are loaded when asked for."""
    return import_module(f"figures.report.{name}")


def _named(tables: Any) -> dict[str, str]:
    """Return synthetic tables by the names given, by those of their files, or by their numbers."""
    if not isinstance(tables, Mapping):
        return synthetic_tables([_path(table, f"table {i}") for i, table in enumerate(tables, 1)]) if tables else {}
    for name in tables:
        if not isinstance(name, str) or not name.strip(". ") or {"/", "\\"} & set(name):
            raise InputError(f"audit.synthetic: expected names that could be those of folders, got {name!r}")
    return {name: _path(table, name) for name, table in tables.items()}


def _path(table: Any, name: str = "(data frame)") -> str:
    if isinstance(table, str | os.PathLike):
        return os.fspath(table)
    frame = table.to_pandas() if hasattr(table, "to_pandas") else table
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"audit: expected a data frame or the path of a table, got {type(table).__name__}")
    return InMemory(name, frame)


def _models(models: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """Return the names of models; those of estimators carry them."""
    if not isinstance(models, Mapping):
        if not isinstance(models, Sequence):
            raise InputError(f"audit.models: expected names, or estimators by name, got {models!r:.60}")
        return [models] if isinstance(models, str) else list(models)
    for name, model in models.items():
        where, shipped = f"audit.models: {name}", isinstance(model, str) and model == name
        if name in (*CATALOGUE, "best", "guess") and not shipped:
            raise InputError(f"{where} is a name of the audit's own; call your estimator something else")
        if not shipped and (isinstance(model, type) or not all(hasattr(model, m) for m in ("fit", "predict", "get_params"))):
            raise InputError(f"{where}: expected a scikit-learn estimator such as Ridge(), got {model!r:.60}")
    return [name if model == name else InMemory(name, model) for name, model in models.items()]


@dataclass(frozen=True, repr=False)
class Audit:
    """What an audit found, `details`, as sentences, tidy data frames (`low` and `high` are ends of intervals) and a page."""

    details: AuditResult

    @property
    def verdict(self) -> str:
        """The verdict in sentences, and what must be read with it."""
        found = self.details.verdict
        sentences = (found.train_sentence, found.choose_sentence, found.new_rows_sentence)
        return "\n".join([*sentences, *(f"note: {line}" for line in self.details.notes)])

    @property
    def answers(self) -> dict[str, str]:
        """`yes`, `no` or `undecided` to: train on it, choose a model with it, are its rows new ones."""
        return {name: getattr(self.details.verdict, name) for name in ("train", "choose", "new_rows")}

    @property
    def utility(self) -> pd.DataFrame:
        """Every measure of every model, after real and after synthetic training, with the gap."""
        return pd.DataFrame(
            {"model": str(model.name), "measure": name, "real": m.real, "synthetic": m.synthetic}
            | {"gap": m.gap.value, **_ends(m.gap), **_ends(m.gap_given, "given_")}
            for model in (self.details.best, *self.details.models)
            for name, m in model.measures.items()
        )

    @property
    def ranking(self) -> pd.DataFrame:
        """Every pair of models: the first's risk minus the second's after either training, and whether the order is kept."""
        return pd.DataFrame(
            {"first": str(p.first), "second": str(p.second), "real": p.real.value, **_ends(p.real, "real_")}
            | {"synthetic": p.synthetic.value, **_ends(p.synthetic, "synthetic_"), "verdict": p.verdict}
            for p in (self.details.ranking.pairs if self.details.ranking else ())
        )

    @property
    def fidelity(self) -> pd.DataFrame:
        """How well the tables are told apart, how far apart they are at least, and the columns that give it away."""
        found = self.details.fidelity
        rows = [("AUC", of, auc.value, auc.low, auc.high) for of, auc in found.auc.items()]
        rows += [("total variation at least", "features", found.total_variation, nan, nan)]
        rows += [("AUC lost without", column["column"], column["drop"], nan, nan) for column in found.columns]
        return pd.DataFrame(rows, columns=["quantity", "of", "value", "low", "high"])

    @property
    def causes(self) -> pd.DataFrame:
        """The more plausible cause of each model's gap, with what real-like responses, weights and both take off it."""
        parts = ("gap", "relabelled", "reweighted", "both", "rigid")
        causes = self.details.causes.items()
        told = [(str(name), found.cause, part, getattr(found, part)) for name, found in causes for part in parts]
        rows = [(*start, interval.value, interval.low, interval.high) for *start, interval in told]
        return pd.DataFrame(rows, columns=["model", "cause", "quantity", "value", "low", "high"])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report, or its numbers where the name ends in `.json`, and return the path."""
        return _saved(self.details, page(), path)

    def __repr__(self) -> str:
        return str(page().terminal(self.details)).strip()

    def _repr_html_(self) -> str:
        return str(page().summary(self.details))


@dataclass(frozen=True, repr=False)
class Comparison:
    """What an audit of several synthetic tables found, `details`, in the same forms."""

    details: SeveralResult

    @property
    def tables(self) -> dict[str, Audit]:
        """Each table's own audit, by its name."""
        return {name: Audit(found) for name, found in self.details.tables.items()}

    @property
    def training(self) -> str:
        """Which table to train on, in a sentence."""
        return self.details.training.sentence

    @property
    def choosing(self) -> str:
        """Which table to choose a model with, in a sentence."""
        return self.details.choosing.sentence

    @property
    def best(self) -> dict[str, str | None]:
        """Names of the tables to take for `training` and for `choosing`; None where none may be taken."""
        return {"training": self.details.training.best, "choosing": self.details.choosing.best}

    @property
    def pairs(self) -> pd.DataFrame:
        """What the first table costs more than the second, in training and by its choice of a model, as losses."""
        return pd.DataFrame(
            {"first": pair.first, "second": pair.second, "about": about, "value": cost.value, **_ends(cost)}
            for pair in self.details.pairs
            for about, cost in (("training", pair.training), ("choosing", pair.choosing))
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write as `Audit.save` does; a report has each table's own in the folder of its name beside it."""
        made = _saved(self.details, page("several_page"), path)
        if made.suffix == ".html":
            for name, found in self.details.tables.items():
                page().write(found, made.parent / name)
        return made

    def __repr__(self) -> str:
        return str(page("several_page").terminal(self.details)).strip()


def _saved(details: AuditResult | SeveralResult, writer: Any, path: str | os.PathLike[str]) -> Path:
    made = Path(path).expanduser()
    if made.suffix not in (".html", ".json"):
        raise InputError(f"save: expected a name that ends in .html or .json, got {str(path)!r}")
    write_whole(made, writer.html(details) if made.suffix == ".html" else as_json(details))
    return made


def _ends(interval: Interval, prefix: str = "") -> dict[str, float]:
    return {f"{prefix}low": interval.low, f"{prefix}high": interval.high}
