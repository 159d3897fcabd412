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
from markupsafe import Markup, escape
from threadpoolctl import threadpool_limits

import experiments.audit.models  # noqa: F401  loads the libraries whose threads are limited below
from experiments.audit.columns import check_heads
from experiments.audit.core import AuditResult, run_audit
from experiments.audit.metrics import measures
from experiments.audit.options import CATALOGUE, EXAMPLE, AuditOptions, InMemory, InputError, only_one
from experiments.audit.utility import plain
from experiments.config.registry import near
from experiments.engine.store import write_whole
from experiments.estimators.intervals import Interval

Table: TypeAlias = str | os.PathLike[str] | pd.DataFrame
Models: TypeAlias = Sequence[str] | Mapping[str, Any]

OWN_ARGUMENTS = ("real", "synthetic", "target", "test", "models", "split", "folder")
"""Options that `audit` takes as arguments of its own, or that are for the command line only."""


def audit(
    real: Table,
    synthetic: Table | Sequence[Table],
    target: str,
    *,
    test: Table | None = None,
    models: Models = (),
    progress: bool = True,
    workers: int = 2,
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Audit:
    """Audit a synthetic table against a real one.

    Parameters
    ----------
    real, synthetic, test : DataFrame or path
        The tables; `test` is a real one that the generator has not seen, without which a fifth of `real` is held out.
    target : str
        Name of the column to predict.
    models : list of str, or dict
        Names in the catalogue; or, by names of one's own, scikit-learn estimators or names in the catalogue. Estimators are
        cloned for each fit and see numbers imputed and scaled, and indicators of categories; `random_state` is set by
        the audit. Empty: all of the catalogue that suit the task.
    progress : bool
        Whether to show a bar.
    workers : int
        Threads, without influence on the result.
    output : path
        Folder in which finished fits are kept, so that an interrupted audit goes on; not those of one's own estimators.
    **options
        `repeats`, `metric`, `ignore` and all others of `experiments.audit.options.AuditOptions`.

    Raises `InputError`, a `ValueError` of one line, for tables and options that cannot be audited; `JobsFailed` if fits failed.
    """
    known = [f.name for f in fields(AuditOptions) if f.name not in OWN_ARGUMENTS]
    for name in options:
        if name not in known:
            raise InputError(f"audit: no option {name!r}{near(name, known)}")
    tables = synthetic if isinstance(synthetic, list | tuple) else [synthetic]
    asked = AuditOptions(
        real=_path(real),
        synthetic=_path(only_one(tables)),
        target=target,
        test="" if test is None else _path(test),
        models=_models(models),
        **options,
    )
    check_heads(asked)
    with TemporaryDirectory() as forgotten, threadpool_limits(1):
        kept = output is not None and not any(isinstance(name, InMemory) for name in asked.models)
        store = Path(output) / "store" if kept and output is not None else Path(forgotten)
        return Audit(run_audit(asked, None, store, workers, progress))


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


def _models(models: Models) -> list[str]:
    """Return names, of which those of estimators carry them."""
    if isinstance(models, str) or not isinstance(models, Mapping):
        return [models] if isinstance(models, str) else list(models)
    named = []
    for name, model in models.items():
        if isinstance(model, str) and model == name:
            named.append(name)
            continue
        if name in (*CATALOGUE, "best", "guess"):
            raise InputError(f"audit.models: {name!r} is a name of the audit's own; call your estimator something else")
        if isinstance(model, type) or not all(hasattr(model, method) for method in ("fit", "predict", "get_params")):
            raise InputError(f"audit.models: {name}: expected a scikit-learn estimator such as Ridge(), got {model!r:.60}")
        named.append(InMemory(name, model))
    return named


@dataclass(frozen=True, repr=False)
class Audit:
    """What an audit found: sentences, data frames, the page.

    `details` has everything. Frames are tidy: one row for each model and measure, pair of models, or quantity; `low` and
    `high` are ends of intervals. A gap is synthetic minus real training.
    """

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
        models = (self.details.best, *self.details.models)
        return pd.DataFrame(
            {"model": str(model.name), "measure": name, "real": m.real, "synthetic": m.synthetic}
            | {"gap": m.gap.value, **_ends(m.gap), **_ends(m.gap_given, "given_")}
            for model in models
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
        labels, risk = page().labels(self.details.to_dict()), self.details.tables["risk"]
        shown = self.utility[self.utility["measure"] == risk].drop(columns=["measure", "given_low", "given_high"])
        table = shown.assign(model=shown["model"].map(labels)).to_html(index=False, border=0, float_format=plain)
        told = escape(measures(self.details.tables["task"] == "classification")[risk].label)
        told += Markup(' on real test rows; a gap is synthetic minus real. <code>.save("audit.html")</code> writes the report.')
        sentences = Markup("").join(Markup("<p>{}</p>").format(line) for line in self.verdict.splitlines())
        return str(sentences + Markup("<p>{}</p>").format(told) + Markup(table))


def _ends(interval: Interval, prefix: str = "") -> dict[str, float]:
    return {f"{prefix}low": interval.low, f"{prefix}high": interval.high}
