"""The audit: two files in, a verdict with its numbers out.

`run_audit` tells it from top to bottom: read and encode the tables, list the jobs, run those that the store lacks, turn
their values into estimates and the estimates into a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.audit.causes import Explanation, explain
from experiments.audit.columns import CleanTables, Warnings, clean, naming
from experiments.audit.copies import Copies, distinct, without_copied, without_shared
from experiments.audit.encoding import Problem, encode, limited, with_test
from experiments.audit.fidelity import Fidelity, fidelity_of
from experiments.audit.formatting import findings
from experiments.audit.jobs import Runner, cause_jobs, fidelity_jobs, next_jobs, training_jobs
from experiments.audit.metrics import Risk, few_cases, measures, risk_of, swayed
from experiments.audit.next_steps import SHARES, NextSteps, mix_costs
from experiments.audit.options import CATALOGUE, AuditOptions, InMemory, InputError, available
from experiments.audit.reading import RawTable, read_table
from experiments.audit.summaries import dependence, marginals
from experiments.audit.utility import (
    TABLES,
    ModelResult,
    Ranking,
    Terms,
    Trained,
    Verdict,
    best_of,
    judge,
    model_result,
    picked,
    ranking,
)
from experiments.estimators.gaps import FROM_HALF
from experiments.estimators.part_curve import over_tables, size_curve

MOST_CELLS = 6_000_000
"""Cells of a table beyond which its rows are sampled, so that thousands of columns fit into memory and time."""


@dataclass(frozen=True)
class AuditResult:
    """Everything an audit found.

    `tables` holds rows, columns, classes and where the test rows come from; `guess` the plain guess's value of every measure
    after real training; `best` is the best model after either training, whichever that is; `causes` go by model; `marginals`
    and `dependence` are the data of pictures; `notes` are warnings to be read with the verdict.
    """

    verdict: Verdict
    options: AuditOptions
    tables: dict[str, Any]
    guess: dict[str, float]
    best: ModelResult
    models: list[ModelResult]
    ranking: Ranking | None
    fidelity: Fidelity
    causes: dict[str, Explanation]
    copies: Copies
    marginals: list[dict[str, Any]]
    dependence: dict[str, Any]
    notes: list[str]
    warnings: list[str]
    next_steps: NextSteps | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dictionaries, strings and numbers, ready for JSON."""
        return {"format": 1} | asdict(self)


def as_json(found: Any) -> str:
    """Return the text of an `audit.json`, from a result."""
    return json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@dataclass(frozen=True)
class Prepared:
    """One audit before anything is trained."""

    options: AuditOptions
    problem: Problem
    copies: Copies
    warnings: Warnings


def run_audit(options: AuditOptions, store: Path, workers: int = 2, progress: bool = True) -> AuditResult:
    """Audit a synthetic table against a real one.

    Finished jobs found in `store`, the project's, are not done again; `workers` are threads, without influence on the
    result; `progress` shows a bar. Raises `InputError`, or `JobsFailed` when some failed and the others are in the store.
    """
    warnings = Warnings()
    problem, copies = without_copied(load(options, warnings), options.seed, bool(options.test))
    return audited(Prepared(options, problem, copies, warnings), store, workers, progress)[0]


def audited(one: Prepared, store: Path, workers: int, progress: bool = True) -> tuple[AuditResult, Computed]:
    """Train and judge what was prepared; return the result and the values behind it."""
    names = chosen_models(one.options, one.problem.schema.classification)
    risk = risk_of(one.problem, one.options.metric)
    runner = Runner(store, one.problem, workers, progress)
    found = _computed(one.problem, names, one.options, risk, runner)
    result = _assembled(one.options, one.problem, found, risk, one.copies, one.warnings)
    if one.options.next:
        result = replace(result, next_steps=_next_steps(one, found, risk, runner))
    return result, found


def load(options: AuditOptions, warnings: Warnings) -> Problem:
    """Read, check and encode the tables; what is odd about them goes to `warnings`."""
    return load_each({"synthetic": options}, {"synthetic": warnings})["synthetic"]


def load_each(each: Mapping[str, AuditOptions], warnings: Mapping[str, Warnings]) -> dict[str, Problem]:
    """Load several synthetic tables, which share all options but `synthetic`: columns, real and test rows are the same.

    Each table's warnings are those that it would get alone.
    """
    options = next(iter(each.values()))

    def read(path: str, name: str) -> RawTable:
        return read_table(path, name, options.rows, options.encoding, options.seed, options.target)

    real, test = read(options.real, "real"), {"test": read(options.test, "test")} if options.test else {}
    cleaned = {}
    for name, own in each.items():
        tables = {"real": real, "synthetic": read(own.synthetic, "synthetic")} | test
        with naming(own.synthetic, len(each) > 1):
            cleaned[name] = clean(tables, own, warnings[name])
            _check_same_reading(cleaned[name], next(iter(cleaned.values())))
    schema, encoded = encode(_joined(cleaned))
    common, problems = Warnings(), {}
    shared = {table: distinct(encoded[table], table, common) for table in ("real", "test") if table in encoded}
    for name, told in warnings.items():
        told.notes += common.notes
        problem = with_test(schema, shared | {"synthetic": encoded[f"synthetic {name}"]}, options.seed)
        problem = without_shared(problem, told) if options.test else problem
        small = limited(problem, MOST_CELLS)
        if any(len(small.training(table)) < len(problem.training(table)) for table in TABLES):
            told.lines.append(f"{len(schema.names):,} columns: a sample of at most {len(small.real):,} rows per table is used")
        _warn_of_sizes(small, told)
        problems[name] = small
    return problems


def _check_same_reading(own: CleanTables, first: CleanTables) -> None:
    """Require that a synthetic table leaves the real one, and the test rows, read as they are beside the first."""
    for name in own.frames.keys() - {"synthetic"}:
        for column, values in own.frames[name].items():
            if not values.equals(first.frames[name][column]):
                told = f"the {name} table is read otherwise beside this table than beside the first"
                raise InputError(f"column {column!r}: {told}; write numbers and dates plainly, or audit each by itself")


def _joined(cleaned: Mapping[str, CleanTables]) -> CleanTables:
    """Return one set of tables with all synthetic ones and every column that one of them needs."""
    first = next(iter(cleaned.values()))
    frames = {name: frame for name, frame in first.frames.items() if name != "synthetic"}
    frames |= {f"synthetic {name}": own.frames["synthetic"] for name, own in cleaned.items()}
    numbers = sorted({column for own in cleaned.values() for column in own.numbers})
    categories = sorted({column for own in cleaned.values() for column in own.categories})
    return replace(first, frames=frames, numbers=numbers, categories=categories)


def _warn_of_sizes(problem: Problem, warnings: Warnings) -> None:
    n, m = len(problem.real), len(problem.synthetic)
    if not 0.8 <= m / n <= 1.25:
        sizes = f"{n:,} real and {m:,} synthetic training rows"
        warnings.lines.append(f"{sizes}: part of the gap may come from these; audit.next=true trains on equally many")
    if not problem.schema.classification:
        return
    held = {table: set(problem.training(table).target.astype(int)) for table in TABLES}
    for table in TABLES:
        if lacking := sorted(set(problem.test.target.astype(int)).union(*held.values()) - held[table]):
            names = ", ".join(repr(problem.schema.classes[c]) for c in lacking[:4])
            trouble = f"the {table} training table lacks the classes {names}; none can be predicted from it"
            warnings.about(problem.schema.target, trouble)


def chosen_models(options: AuditOptions, classification: bool) -> list[str]:
    """Return the models to train, in the order of the catalogue, the user's own after them."""
    able, own = available(classification), [name for name in options.models if isinstance(name, InMemory)]
    for name in options.models:
        if name not in able and name not in own:
            raise InputError(f"audit.models: {name} does not suit regression; choose among {', '.join(able)}")
    for name in own:
        if hasattr(name.held, "predict_proba") != classification:
            wanted = "a classifier with predict_proba" if classification else "a regressor"
            raise InputError(f"audit.models: {name}: expected {wanted}, got {type(name.held).__name__}")
    return [name for name in able if not options.models or name in options.models] + own


@dataclass(frozen=True)
class Computed:
    """What the jobs gave: values per test row of the guess, of each model and of its causes, discriminators' scores."""

    guess: Trained
    models: dict[str, Trained]
    scores: dict[str, dict[str, Any]]
    causes: dict[str, Any]


def _computed(problem: Problem, models: list[str], options: AuditOptions, risk: Risk, runner: Runner) -> Computed:
    """Do all jobs that the store lacks, and read their results back."""
    seed, columns = options.seed, len(problem.schema.names)
    sizes = {table: len(problem.training(table)) for table in TABLES}
    training = training_jobs(models, sizes, columns, options.repeats, seed)
    faithful = fidelity_jobs(columns, sum(sizes.values()), any(f["mendable"] for f in findings(problem)), seed)
    causes = cause_jobs(models, columns, min(sizes.values()), options.repeats, seed, risk.row, faithful[-1])
    runner.run([*training, *(faithful if causes else faithful[:-1]), *causes])

    def values(model: str, kind: str, **wanted: str) -> list[Any]:
        """Values of one model's jobs of a kind, in their order."""
        wanted |= {"model": model, "kind": kind}
        return [runner.read(job)["values"] for job in (*training, *causes) if wanted.items() <= job.config.items()]

    def trained(model: str) -> Trained:
        halves = {table: values(model, "halves", table=table) for table in TABLES}
        stacked = {table: np.stack(cuts) for table, cuts in halves.items()} if halves["real"] else None
        return Trained({table: values(model, "fit", table=table)[0] for table in TABLES}, stacked)

    def refits(model: str) -> list[Any]:
        return [np.stack(own) for table in TABLES if (own := values(model, "causes", table=table))]

    return Computed(
        guess=trained("guess"),
        models={name: trained(name) for name in models},
        scores={job.config["question"]: runner.read(job) for job in faithful[:-1]},
        causes={n: risk.sign * np.concatenate(own, axis=1).astype(np.float64) for n in models if (own := refits(n))},
    )


def _next_steps(one: Prepared, found: Computed, risk: Risk, runner: Runner) -> NextSteps:
    """Ask what more rows and mixes would do, for the best model after synthetic training."""
    model, options, problem = picked(found.models, risk)["synthetic"], one.options, one.problem
    sizes, trained = {table: len(problem.training(table)) for table in TABLES}, found.models[model]
    jobs = next_jobs(model, sizes, len(problem.schema.names), options.repeats, options.seed)
    runner.run(jobs)
    read = [(job.config["kind"], risk.loss(runner.read(job)["values"])) for job in jobs]
    losses = {kind: [values for own, values in read if own == kind] for kind in ("halves", "parts", "mix")}
    full = {table: risk.loss(trained.full[table]) for table in TABLES}
    parts = [full["synthetic"][None, None], np.stack(losses["halves"]), *(part[None] for part in losses["parts"])]
    variance = FROM_HALF * over_tables(risk.loss(trained.halves["real"])) if trained.halves else 0.0
    curve = size_curve(parts, full["real"], variance, sizes["synthetic"], options.level) if len(parts) >= 4 else None
    mix = mix_costs(dict(zip(SHARES, losses["mix"], strict=True)), options.level)
    return NextSteps(model, curve, jobs[-1].config["rows"], mix)


def _assembled(
    options: AuditOptions, problem: Problem, found: Computed, risk: Risk, copies: Copies, warnings: Warnings
) -> AuditResult:
    """Turn values into estimates and estimates into a verdict."""
    classification, level = problem.schema.classification, options.level
    models = [model_result(n, t, found.guess, classification, level, risk) for n, t in found.models.items()]
    best = model_result("best", best_of(found.models, risk, options.seed), found.guess, classification, level, risk)
    ranks, names = ranking(found.models, level, risk), picked(found.models, risk)
    guess = dict(zip(measures(classification), (float(v) for v in found.guess.full["real"].mean(axis=1)), strict=True))
    faithful = fidelity_of(problem, found.scores, level)
    gaps = {model.name: model.measures[risk.name].gap.scaled(risk.sign) for model in models}
    few = few_cases(problem, risk)
    warnings.notes += [told for told in (few, swayed(problem, risk)) if told]
    terms = Terms(options, few is not None, len(problem.test))
    _warn_of_results(models, copies, faithful, problem.schema.target, warnings)
    return AuditResult(
        verdict=judge(best, names, ranks, guess[risk.name], risk, copies, terms),
        options=options,
        tables=_described(options, problem, risk),
        guess=guess, best=best, models=models, ranking=ranks, fidelity=faithful,
        causes=explain(found.causes, gaps, faithful.told_apart, level),
        marginals=marginals(problem, [entry["column"] for entry in faithful.columns]),
        copies=copies, dependence=dependence(problem), notes=warnings.notes, warnings=warnings.to_lines(),
    )


def _warn_of_results(
    models: Sequence[ModelResult], copies: Copies, faithful: Fidelity, target: str, warnings: Warnings
) -> None:
    for table in TABLES:
        weak = [CATALOGUE[m.name].label for m in models if m.beats_guess[table].low <= 0]
        if weak:
            told = f"no better than a plain guess after {table} training: {', '.join(weak)}"
            warnings.lines.append(f"{told}; their gaps say little")
    if copies.share.low > copies.by_chance.high:
        share, chance = copies.share.value, copies.by_chance.value
        told = f"{round(share * copies.rows):,} synthetic rows are copies of real rows ({share:.1%}; by chance {chance:.1%})"
        warnings.lines.append(f"{told}: memorisation or leakage, and {copies.of_test:,} of them equal test rows")
    if column := faithful.given_away_by:
        told = f"column {column!r}{' (the target)' * (column == target)}: what tells the tables apart"
        able = column != target and faithful.told_apart  # as a number of rows would, without the target
        remedy = f"; if it numbers the rows, leave it out: audit.ignore=[{column}]" if able else ""
        warnings.notes.append(f"{told} (AUC {faithful.auc['joint'].value:.2f}) rests on it almost alone{remedy}")
    if copies.left_out:
        told = f"{copies.left_out:,} test rows have copies or near copies in the synthetic table and were left out"
        seen = "the generator has seen them, and the test rows that are left may flatter it all the same"
        warnings.notes.append(f"{told}: {seen}")


def _described(options: AuditOptions, problem: Problem, risk: Risk) -> dict[str, Any]:
    schema, n, m = problem.schema, len(problem.real), len(problem.synthetic)
    return {
        "real_training_rows": n, "synthetic_rows": m, "real_share": n / (n + m),
        "test_rows": len(problem.test), "test": "a separate table" if options.test else "a fifth of the real table, held out",
        "task": "classification" if schema.classification else "regression", "target": schema.target, "risk": risk.name,
        "classes": list(schema.classes), "number_columns": list(schema.numbers), "category_columns": list(schema.categories),
        "conditional": options.repeats == 1,
    }
