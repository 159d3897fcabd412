"""Several synthetic tables at once: each audited, all compared on the same test rows and against the same real fits.

The tables are encoded together, so that the real fits are the same jobs and are done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from experiments.audit.columns import MIN_ROWS, Warnings
from experiments.audit.copies import without_copied
from experiments.audit.core import AuditResult, Computed, Prepared, audited, load_each
from experiments.audit.metrics import Risk, risk_of
from experiments.audit.options import CATALOGUE, AuditOptions, InputError
from experiments.audit.utility import Answer, Terms, Trained, best_of, cost_in_words, difference
from experiments.estimators.gaps import Spread, paired_gap
from experiments.estimators.intervals import Interval, exactly, mean_interval, simultaneous_level


@dataclass(frozen=True)
class TablePair:
    """What one synthetic table costs more than another, as a loss, with intervals that hold jointly over all pairs.

    `training`: the difference of their gaps; `choosing`: the risk after real training of the model that the first picks,
    less that of the model that the second picks.
    """

    first: str
    second: str
    training: Interval
    choosing: Interval


@dataclass(frozen=True)
class Choice:
    """The table that costs least (None: none may be taken), those that cost significantly more, and those not told apart."""

    best: str | None
    worse: list[str]
    open: list[str]
    sentence: str


@dataclass(frozen=True)
class SeveralResult:
    """Each table's audit by its name, pairs of tables, which table for training, and which for choosing a model."""

    tables: dict[str, AuditResult]
    pairs: list[TablePair]
    training: Choice
    choosing: Choice

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; of each table the main numbers, the rest being in its own `audit.json`."""
        tables = {}
        for name, result in self.tables.items():
            found, ranks = result.to_dict(), result.ranking
            tables[name] = {"file": f"{name}/audit.json", "rows": found["tables"]["synthetic_rows"]}
            tables[name] |= {key: found[key] for key in ("verdict", "copies", "notes")} | {"auc": found["fidelity"]["auc"]}
            tables[name]["gap"] = found["best"]["measures"][found["tables"]["risk"]]["gap"]
            tables[name] |= {key: found["ranking"][key] if ranks else None for key in ("regret", "tau", "chosen")}
        rest = {name: asdict(getattr(self, name)) for name in ("training", "choosing")}
        return {"format": 1, "tables": tables, "pairs": [asdict(pair) for pair in self.pairs]} | rest


def run_several(
    options: AuditOptions, tables: Mapping[str, str], store: Path, workers: int = 2, progress: bool = True
) -> SeveralResult:
    """Audit each of the synthetic `tables`, paths by name, and compare them; other arguments and errors as in `run_audit`."""
    each = prepared(options, tables)
    risk = risk_of(next(iter(each.values())).problem, options.metric)
    done = {name: audited(one, store, workers, progress) for name, one in each.items()}
    return compare({name: both[0] for name, both in done.items()}, {name: both[1] for name, both in done.items()}, risk)


def prepared(options: AuditOptions, tables: Mapping[str, str]) -> dict[str, Prepared]:
    """Load the tables; a test row of which one of them holds a copy is left out for all."""
    each = {name: replace(options, synthetic=path) for name, path in tables.items()}
    warnings = {name: Warnings() for name in tables}
    whole = load_each(each, warnings)
    parted = {name: without_copied(problem, options.seed, bool(options.test)) for name, problem in whole.items()}
    test = next(iter(whole.values())).test
    digests = test.digests()
    kept = np.logical_and.reduce([np.isin(digests, problem.test.digests()) for problem, _ in parted.values()])
    if kept.sum() < MIN_ROWS["test"]:
        told = f"together these tables hold copies of {(~kept).sum():,} of the {len(kept):,} real test rows"
        raise InputError(f"audit.synthetic: {told}; give audit.test=..., rows that no generator has seen (audit.split)")
    for name, (_, copies) in parted.items():
        if (others := int((~kept).sum()) - copies.left_out) > 0:
            told = f"{others:,} more test rows are left out, since another synthetic table holds copies of them"
            warnings[name].lines.append(told)
    test = test.take(np.flatnonzero(kept))
    return {n: Prepared(each[n], replace(own, test=test), copies, warnings[n]) for n, (own, copies) in parted.items()}


def compare(results: Mapping[str, AuditResult], found: Mapping[str, Computed], risk: Risk) -> SeveralResult:
    """Compare audited tables: every pair, and which to take."""
    options, names = next(iter(results.values())).options, list(results)
    best = {name: best_of(own.models, risk, options.seed) for name, own in found.items()}
    models = next(iter(found.values())).models
    tables, choices = (simultaneous_level(max(k * (k - 1) // 2, 1), options.level) for k in (len(names), len(models)))
    pairs = []
    for one, two in combinations(names, 2):
        picks = [ranks.chosen if (ranks := results[name].ranking) else next(iter(models)) for name in (one, two)]
        first, second = (models[pick] for pick in picks)
        own = exactly(0.0, choices) if first is second else difference(first, second, "real", choices, risk)
        pairs.append(TablePair(one, two, training_difference(best[one], best[two], risk, tables), own))
    return SeveralResult(dict(results), pairs, *(_choice(question, results, pairs, risk) for question in STARTS))


def training_difference(first: Trained, second: Trained, risk: Risk, level: float) -> Interval:
    """Gap of the first minus that of the second: the real fits, being the same, drop out."""
    one, two = (risk.loss(trained.full["synthetic"]) for trained in (first, second))
    if first.halves is None or second.halves is None:
        return mean_interval(one - two, level)
    ours, theirs = (Spread.of(risk.loss(halves["synthetic"])) for halves in (first.halves, second.halves))
    return paired_gap(two, one, theirs, ours, level)


STARTS = {"training": "For training", "choosing": "For choosing a model"}
LEADS: dict[Answer, str] = {
    "yes": "take {}",
    "no": "{} does best, but not well enough",
    "undecided": "{} does best, and these data leave open whether well enough",
}


def _choice(question: str, results: Mapping[str, AuditResult], pairs: Sequence[TablePair], risk: Risk) -> Choice:
    """Take the table of the least cost among those that are no copies, and sort the others by whether they cost more."""
    some = next(iter(results.values()))
    if some.best.beats_guess["real"].low <= 0 or (question == "choosing" and some.ranking is None):
        own = some.verdict.train_sentence if question == "training" else some.verdict.choose_sentence
        return Choice(None, [], list(results), own)
    barred = [name for name, result in results.items() if result.verdict.new_rows == "no"]
    if len(barred) == len(results):
        return Choice(None, [], [], "Take none of the tables: each of them copies real rows.")
    gaps = {name: r.best.measures[risk.name].gap.scaled(risk.sign) for name, r in results.items()}
    costs = gaps if question == "training" else {name: r.ranking.regret for name, r in results.items() if r.ranking}
    best, *able = sorted((n for n in results if n not in barred), key=lambda n: (costs[n].value, gaps[n].value))
    more = {p.second: getattr(p, question).scaled(-1) for p in pairs if p.first == best}
    more |= {p.first: getattr(p, question) for p in pairs if p.second == best}
    lists = {
        "Significantly worse": (worse := [name for name in able if more[name].low > 0]),
        "Not told apart from it": (rest := [name for name in able if name not in worse]),
        "Left out as copies of real rows": barred,
    }
    verdict, ranks = results[best].verdict, results[best].ranking
    answer = verdict.train if question == "training" else verdict.choose
    what = f"it picks the {CATALOGUE[ranks.chosen].label}, which" if ranks and question == "choosing" else "it"
    told = Terms(some.options).start(
        f"{STARTS[question]} {LEADS[answer].format(best)}: {what} costs {cost_in_words(risk, costs[best], verdict.tolerance)}."
    )
    told += "".join(f" {which}: {', '.join(names)}." for which, names in lists.items() if names)
    return Choice(best, worse, rest, told.replace("these two tables", "these tables"))
