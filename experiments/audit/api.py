"""The audit from Python: data frames or files in, data frames and the page out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pandas as pd
from threadpoolctl import threadpool_limits

import experiments.audit.models  # noqa: F401  loads the libraries whose threads are limited below
from experiments.audit.columns import check_heads
from experiments.audit.core import AuditResult, run_audit
from experiments.audit.options import CATALOGUE, EXAMPLE, AuditOptions, InMemory, InputError, only_one
from experiments.config.registry import near
from experiments.engine.store import write_whole
from experiments.estimators.intervals import Interval

Table: TypeAlias = str | os.PathLike[str] | pd.DataFrame


def audit(
    real: Table,
    synthetic: Table | Sequence[Table],
    target: str,
    *,
    test: Table = "",
    models: Sequence[str] | Mapping[str, Any] = (),
    progress: bool = True,
    workers: int = 2,
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Audit:
    """Audit a synthetic table against a real one.

    `real`, `synthetic` and `test` are data frames or paths; `test` is a real table that the generator has not seen, without
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
    one = only_one(synthetic if isinstance(synthetic, list | tuple) else [synthetic])
    asked = AuditOptions(_path(real), _path(one), target, _path(test), models=_models(models), **options)
    check_heads(asked)
    with TemporaryDirectory() as forgotten, threadpool_limits(1):
        kept = output is not None and not any(isinstance(model, InMemory) for model in asked.models)
        return Audit(run_audit(asked, None, Path(output or "") / "store" if kept else Path(forgotten), workers, progress))


def example() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the bundled real and synthetic tables; their target is `income`."""
    return pd.read_csv(EXAMPLE["real"]), pd.read_csv(EXAMPLE["synthetic"])


def page() -> Any:
    """Return the module that writes reports: figures are above experiments, and are loaded when asked for."""
    return import_module("figures.report.audit_page")


def _path(table: Table) -> str:
    if isinstance(table, str | os.PathLike):
        return os.fspath(table)
    frame = table.to_pandas() if hasattr(table, "to_pandas") else table
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"audit: expected a data frame or the path of a table, got {type(table).__name__}")
    return InMemory("(data frame)", frame)


def _models(models: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """Return the names of models; those of estimators carry them."""
    if not isinstance(models, Mapping):
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
        made = Path(path).expanduser()
        if made.suffix not in (".html", ".json"):
            raise InputError(f"save: expected a name that ends in .html or .json, got {str(path)!r}")
        write_whole(made, page().html(self.details) if made.suffix == ".html" else self.details.to_json())
        return made

    def __repr__(self) -> str:
        return str(page().terminal(self.details)).strip()

    def _repr_html_(self) -> str:
        return str(page().summary(self.details))


def _ends(interval: Interval, prefix: str = "") -> dict[str, float]:
    return {f"{prefix}low": interval.low, f"{prefix}high": interval.high}
