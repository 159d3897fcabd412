"""The audit: two files in, a verdict with its numbers out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.audit.catalogue import CATALOGUE, available
from experiments.audit.columns import clean
from experiments.audit.copies import Copies, count_copies
from experiments.audit.encoding import Problem, encode, limited
from experiments.audit.errors import InputError
from experiments.audit.explain import Explanation, explain
from experiments.audit.fidelity import Fidelity, dependence, fidelity, marginals
from experiments.audit.formatting import findings
from experiments.audit.losses import measures
from experiments.audit.notes import Notes
from experiments.audit.options import AuditOptions
from experiments.audit.reading import read_table
from experiments.audit.units import cause_units, fidelity_units, training_units
from experiments.audit.utility import TABLES, ModelResult, Ranking, Trained, model_result, ranking
from experiments.audit.verdict import Verdict, judge
from experiments.audit.work import Results, progress
from experiments.engine.store import write_whole

MOST_CELLS = 6_000_000
"""Cells of a table beyond which its rows are sampled, so that thousands of columns fit into memory and time."""


@dataclass(frozen=True)
class AuditResult:
    """Everything an audit found.

    Parameters
    ----------
    verdict : Verdict
        The two sentences.
    options : AuditOptions
        What was asked.
    tables : dict
        Rows, columns, classes, how the test rows came about.
    guess : dict
        Values of the plain guess for every measure, after real training.
    models : list of ModelResult
        Utility of each model.
    ranking : Ranking, optional
        None for a single model.
    fidelity : Fidelity
        The discriminators' findings.
    causes : dict of Explanation
        By model.
    copies : Copies
        Synthetic rows that equal real ones.
    marginals, dependence : list, dict
        Pictures' data.
    warnings : list of str
        One line each.
    """

    verdict: Verdict
    options: AuditOptions
    tables: dict[str, Any]
    guess: dict[str, float]
    models: list[ModelResult]
    ranking: Ranking | None
    fidelity: Fidelity
    causes: dict[str, Explanation]
    copies: Copies
    marginals: list[dict[str, Any]]
    dependence: dict[str, Any]
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dictionaries, strings and numbers, ready for JSON."""
        return {"format": 1} | asdict(self)


def run_audit(options: AuditOptions, output: Path, store: Path, workers: int = 2) -> AuditResult:
    """Audit a synthetic table against a real one and write `audit.json` into `output`.

    Parameters
    ----------
    options : AuditOptions
        The tables, the target, how thoroughly.
    output : Path
        Folder for the result.
    store : Path
        The project's store: finished work found there is not done again.
    workers : int
        Processes. No influence on the result.

    Returns
    -------
    AuditResult
        All numbers.

    Raises
    ------
    InputError
        One line for what the user can mend.
    """
    notes = Notes()
    problem = load(options, notes)
    models = chosen_models(options, problem.schema.classification)
    found = _work(problem, models, options, Results(store, problem, workers))
    result = _assembled(options, problem, found, notes)
    write_whole(output / "audit.json", as_json(result))
    return result


def load(options: AuditOptions, notes: Notes) -> Problem:
    """Read, check and encode the tables; warnings go to `notes`."""
    paths = {"real": options.real, "synthetic": options.synthetic} | ({"test": options.test} if options.test else {})
    tables = {
        name: read_table(path, name, options.rows, options.encoding, options.seed) for name, path in paths.items()
    }
    problem = encode(clean(tables, options, notes), options.seed)
    small = limited(problem, MOST_CELLS)
    if len(small.real) < len(problem.real) or len(small.synthetic) < len(problem.synthetic):
        notes.say(
            f"{len(problem.schema.names):,} columns: a sample of at most {len(small.real):,} rows a table is used"
        )
    _remark_sizes(small, options, notes)
    return small


def _remark_sizes(problem: Problem, options: AuditOptions, notes: Notes) -> None:
    n, m = len(problem.real), len(problem.synthetic)
    if not 0.8 <= m / n <= 1.25:
        notes.say(f"{n:,} real and {m:,} synthetic training rows: a part of the gap may come from the sizes alone")
    if not options.test:
        notes.say(
            "the test rows were split off the real table; if the generator was fitted to that table, it has seen "
            "them: a separate audit.test that it has not seen is safer"
        )
    if problem.schema.classification:
        lacking = sorted(set(range(len(problem.schema.classes))) - set(problem.synthetic.target.astype(int)))
        if lacking:
            names = ", ".join(repr(problem.schema.classes[c]) for c in lacking[:4])
            notes.about(
                problem.schema.target, f"the synthetic table lacks the classes {names}; none can be predicted from it"
            )


def chosen_models(options: AuditOptions, classification: bool) -> list[str]:
    """Return the models to train, in the order of the catalogue."""
    able = available(classification)
    for name in options.models:
        if name not in able:
            raise InputError(f"audit.models: {name} does not suit regression; choose among {', '.join(able)}")
    return [name for name in able if not options.models or name in options.models]


@dataclass(frozen=True)
class _Findings:
    """What the units of work gave."""

    guess: Trained
    models: dict[str, Trained]
    scores: dict[str, dict[str, Any]]
    causes: dict[str, Any]


def _work(problem: Problem, models: list[str], options: AuditOptions, results: Results) -> _Findings:
    """Do all units that the store lacks, and read them back."""
    seed, columns = options.seed, len(problem.schema.names)
    sizes = {table: len(problem.training(table)) for table in TABLES}
    training = training_units(models, sizes, columns, options.repeats, seed)
    faithful = fidelity_units(columns, sum(sizes.values()), any(f["mendable"] for f in findings(problem)), seed)
    causes = cause_units(models, columns, min(sizes.values()), options.repeats, seed, faithful[-1])
    missing = results.missing([*training, *faithful, *causes])
    with progress(missing, "audit") as bar:
        results.run(missing, bar)
    fits = _trained([(unit.config, results.read(unit)["values"]) for unit in training])
    why = {name: [results.read(u)["values"] for u in causes if u.config["model"] == name] for name in models}
    return _Findings(
        guess=fits.pop("guess"),
        models=fits,
        scores={unit.config["question"]: results.read(unit) for unit in faithful[:-1]},
        causes={name: np.stack(values).astype(np.float64) for name, values in why.items()},
    )


def _trained(found: Sequence[tuple[Mapping[str, Any], Any]]) -> dict[str, Trained]:
    """Sort the values of the training units by model."""
    fits: dict[str, Trained] = {}
    for model in dict.fromkeys(config["model"] for config, _ in found):
        own = [(config, values) for config, values in found if config["model"] == model]
        full = {config["table"]: values for config, values in own if config["kind"] == "fit"}
        cuts = {t: [v for config, v in own if config["kind"] == "halves" and config["table"] == t] for t in TABLES}
        halves = {table: np.stack(values) for table, values in cuts.items()} if cuts["real"] else None
        fits[model] = Trained(full, halves)
    return fits


def _assembled(options: AuditOptions, problem: Problem, found: _Findings, notes: Notes) -> AuditResult:
    """Turn values into estimates and estimates into a verdict."""
    classification, level = problem.schema.classification, options.level
    models = [model_result(n, t, found.guess, classification, level) for n, t in found.models.items()]
    ranks = ranking(found.models, level)
    guess = dict(zip(measures(classification), (float(v) for v in found.guess.full["real"].mean(axis=1)), strict=True))
    faithful = fidelity(problem, found.scores, level)
    copies = count_copies(problem)
    gaps = {model.name: next(iter(model.measures.values())).gap for model in models}
    _remark_results(models, copies, notes)
    return AuditResult(
        verdict=judge(models, ranks, next(iter(guess.values())), classification, options.tolerance),
        options=options,
        tables=_described(options, problem),
        guess=guess,
        models=models,
        ranking=ranks,
        fidelity=faithful,
        causes=explain(found.causes, gaps, faithful.told_apart, level),
        copies=copies,
        marginals=marginals(problem, [entry["column"] for entry in faithful.columns]),
        dependence=dependence(problem),
        warnings=notes.to_lines(),
    )


def _remark_results(models: Sequence[ModelResult], copies: Copies, notes: Notes) -> None:
    for table in TABLES:
        weak = [CATALOGUE[m.name].label for m in models if m.beats_guess[table].low <= 0]
        if weak:
            notes.say(f"no better than a plain guess after {table} training: {', '.join(weak)}; their gaps say little")
    if copies.suspicious:
        count = copies.of_training + copies.of_test
        notes.say(
            f"{count:,} synthetic rows are copies of real rows ({copies.share.value:.1%}; by chance "
            f"{copies.by_chance.value:.1%}): memorisation or leakage, and {copies.of_test:,} of them are test rows"
        )


def _described(options: AuditOptions, problem: Problem) -> dict[str, Any]:
    schema = problem.schema
    return {
        "real_training_rows": len(problem.real),
        "synthetic_rows": len(problem.synthetic),
        "test_rows": len(problem.test),
        "test": "a separate table" if options.test else "a fifth of the real table, held out",
        "task": "classification" if schema.classification else "regression",
        "target": schema.target,
        "classes": list(schema.classes),
        "number_columns": list(schema.numbers),
        "category_columns": list(schema.categories),
        "conditional": options.repeats == 1,
    }


def as_json(result: AuditResult) -> str:
    """Write a result as JSON, the same bytes for the same result."""
    return json.dumps(result.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
