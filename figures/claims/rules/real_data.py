"""Rules about real data: the gap of each model, the order of models, and what low fidelity says; the largest tables count.

Rows are of the measurement `real_data`, the source `real` among them. A pair of models is resolved when the interval of its
risk difference excludes 0.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from experiments.estimators.gaps import paired_gap
from experiments.estimators.intervals import Interval, clopper_pearson, simultaneous_level
from experiments.estimators.rankings import kendall_tau, pair_verdict, pairwise
from figures.claims.fidelity_points import Point, points, taus
from figures.claims.rules.family import Family, above, below, bracketed, inside, rule
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Losses, all_gaps, comparable, gaps, largest, matching, sources

NO_SOURCES = "the real training table and a synthetic source are needed"


@rule("gap_within")
def gap_within(rows: pd.DataFrame, *, margin: float, level: float) -> Outcome:
    """Holds when the interval of every model's expected gap lies within +-margin; violated when one lies outside it."""
    rows = largest(rows)
    if not comparable(rows):
        return too_few(NO_SOURCES)
    found = Family.of(all_gaps(rows, level), lambda _, gap: inside(gap, -margin, margin))
    name, worst = found.worst(lambda _, gap: abs(gap.value))
    return found.outcome(rows, f"largest gap {bracketed(worst, '+.3f')} ({name}), margin {margin:g}")


@rule("gap_grows")
def gap_grows(rows: pd.DataFrame, *, start: str, end: str, level: float) -> Outcome:
    """Holds when the risk after training on source `end`, averaged over models, significantly exceeds that on source `start`;
    violated when it is significantly below.

    One data set; `start` and `end` are labels of generators.
    """
    rows = largest(rows)
    if not {"real", start, end} <= set(rows["generator"]):
        return too_few(f"the real training table and the sources {start} and {end} are needed")
    real, synthetic = sources(rows)
    growth = _averaged_gap(synthetic[start], synthetic[end], level)
    both = {f"gap, {name}": _averaged_gap(real, synthetic[name], level) for name in (start, end)}
    reason = f"grows by {bracketed(growth, '+.3f')} from {start} to {end}"
    return Outcome(above(growth, 0), reason, len(rows), {"growth": growth, **both})


def _averaged_gap(before: Losses, after: Losses, level: float) -> Interval:
    """Interval for the mean over models of risk after minus risk before."""
    evenly = np.full(len(before.models), 1 / len(before.models))
    first, last = (losses.halves.spread(evenly) for losses in (before, after))
    return paired_gap(evenly @ before.full, evenly @ after.full, first, last, level)


@rule("order_kept")
def order_kept(rows: pd.DataFrame, *, level: float) -> Outcome:
    """Violated when a pair of models is resolved on both sides in opposite orders; holds when none is and at least half of the
    pairs are resolved in the same order.

    One data set; the intervals hold jointly over sources, pairs and both sides.
    """
    rows = largest(rows)
    if not comparable(rows):
        return too_few(NO_SOURCES)
    real, synthetic = sources(rows)
    if len(real.models) < 2:
        return too_few("two models are needed")
    each = simultaneous_level(_pairs(real) * (len(synthetic) + 1), level)
    truth = pairwise(real.full, real.halves, each)
    named: dict[str, list[str]] = {"same order": [], "flipped": [], "undecided": []}
    for source, measured in synthetic.items():
        for (i, j), interval in pairwise(measured.full, measured.halves, each).items():
            first, second = (i, j) if truth[i, j].value <= 0 else (j, i)
            pair = f"{source}: {real.models[first]} < {real.models[second]}"
            named[pair_verdict(truth[i, j], interval)].append(pair)
    counts = {verdict: len(pairs) for verdict, pairs in named.items()}
    enough = 2 * counts["same order"] >= sum(counts.values())
    listed = [f" ({', '.join(p)})" if p and verdict != "same order" else "" for verdict, p in named.items()]
    reason = "; ".join(f"{n} {verdict}{text}" for (verdict, n), text in zip(counts.items(), listed))
    return Outcome(_order_verdict(counts["flipped"], enough), reason, len(rows), {}, counts)


@rule("resolved_order_kept")
def resolved_order_kept(rows: pd.DataFrame, *, level: float, least: float) -> Outcome:
    """Violated when a pair of models is resolved on both sides in opposite orders; holds when none is and at least the share
    `least` of the pairs that real data resolve are resolved in the same order, on average over sources.

    The intervals hold jointly over data sets, sources, pairs and both sides; real data must resolve three pairs at least.
    """
    found = [(str(d), *sources(p)) for d, p in largest(rows).groupby("dataset", observed=True) if comparable(p)]
    statements = sum(_pairs(real) * (len(synthetic) + 1) for _, real, synthetic in found)
    if statements < 2:
        return too_few("the real training table, a synthetic source and two models are needed")
    each, resolved = simultaneous_level(statements, level), 0
    kept: Counter[str] = Counter()
    flipped, tau = [], {}
    for dataset, real, synthetic in found:
        truth = pairwise(real.full, real.halves, each)
        certain = [pair for pair, interval in truth.items() if interval.sign]
        resolved += len(certain)
        for source, own in synthetic.items():
            differences = pairwise(own.full, own.halves, each)
            tau[f"tau, {dataset}, {source}"] = kendall_tau(truth, differences, level)
            for i, j in certain:
                verdict = pair_verdict(truth[i, j], differences[i, j])
                kept[verdict] += 1
                flipped += [f"{dataset}, {source}: {real.models[i]} / {real.models[j]}"] if verdict == "flipped" else []
    counts = {name: kept[name] for name in ("same order", "flipped", "undecided")} | {"resolved on real data": resolved}
    reason = f"{resolved} of {sum(_pairs(real) for _, real, _ in found)} pairs resolved on real data; over {len(tau)} sources "
    reason += f"{kept['same order']} in the same order, {len(flipped)} flipped, {kept['undecided']} undecided"
    reason += f" ({'; '.join(flipped)})" if flipped else ""
    enough = kept["same order"] >= least * kept.total() and resolved >= 3
    return Outcome(_order_verdict(len(flipped), enough), reason, len(rows), tau, counts)


def _order_verdict(flipped: int, enough: bool) -> str:
    return VIOLATED if flipped else HOLDS if enough else INCONCLUSIVE


def _pairs(losses: Losses) -> int:
    return len(losses.models) * (len(losses.models) - 1) // 2


@rule("certified_pairs")
def certified_pairs(
    rows: pd.DataFrame, *, certificate: Literal["resolved", "gap", "real"], confidence: float, most: float, level: float
) -> Outcome:
    """Holds when the interval of the error rate of certified pairs lies below `most`; violated when it lies above.

    Every other test row certifies, the rest check. A pair is certified at a source by `resolved`: its order is resolved and
    the same after real and after synthetic training; by `gap` (theory/README.md 6.1): the difference of real risks exceeds
    the two utilities, all by their intervals; by `real`: its order is resolved after real training, whatever the utility.
    Intervals hold jointly for the pairs of one source at level `confidence`. An error: on the rows that check, the two
    risks after synthetic training are not ordered as those after real training. Pairs share models and test rows, so
    the exact interval, made for independent ones, is somewhat short.
    """
    parts = [sources(p) for _, p in largest(rows).groupby("dataset", observed=True) if comparable(p)]
    pairs = [pair for real, synthetic in parts for own in synthetic.values() for pair in _certified(real, own, confidence)]
    wrong = {name: [bad for names, bad in pairs if name in names] for name in ("resolved", "gap", "real", "all")}
    rates = {f"error rate, {k}": clopper_pearson(sum(v), len(v), level) for k, v in wrong.items() if v}
    counts = {f"{k} {what}": f(v) for k, v in wrong.items() for what, f in (("pairs", len), ("errors", sum))}
    own = wrong[certificate]
    if not own:
        return too_few(f"no pair is certified ({certificate}) among {len(pairs)}")
    rate = rates[f"error rate, {certificate}"]
    reason = f"{sum(own)} of {len(own)} certified pairs wrong on the other half, rate {bracketed(rate, '.3f')}, "
    reason += f"at most {most:g} allowed; of all {len(pairs)} pairs {rates['error rate, all'].value:.3f}"
    return Outcome(below(rate, most), reason, len(rows), rates, counts)


def _certified(real: Losses, own: Losses, confidence: float) -> list[tuple[set[str], bool]]:
    """Return for every pair its certificates from one half of the test rows, and whether the other half contradicts."""
    number = len(real.models)
    each = simultaneous_level(number * (number - 1) + number, confidence)
    (real_a, real_b), (own_a, own_b) = ((losses.stratum(0), losses.stratum(1)) for losses in (real, own))
    truth, found = pairwise(real_a.full, real_a.halves, each), pairwise(own_a.full, own_a.halves, each)
    utility = [max(abs(gap.low), abs(gap.high)) for gap in gaps(real_a, own_a, each)]
    risks = np.stack([part.full.mean(axis=1) for part in (real_b, own_b)])
    result = []
    for i, j in combinations(range(number), 2):
        holds = {
            "all": True,
            "real": truth[i, j].sign != 0,
            "resolved": pair_verdict(truth[i, j], found[i, j]) == "same order",
            "gap": max(truth[i, j].low, -truth[i, j].high) > utility[i] + utility[j],
        }
        names = {name for name, certified in holds.items() if certified}
        result.append((names, bool(np.prod(risks[:, i] - risks[:, j]) <= 0)))
    return result


@rule("fidelity_leaves_open")
def fidelity_leaves_open(
    rows: pd.DataFrame, *, focus: dict[str, Any], auc: float, margin: float, level: float, level_tau: float
) -> Outcome:
    """Holds when one point of low fidelity has a gap significantly within +-margin and another has one significantly outside;
    violated when there are points of low fidelity and all their gaps lie significantly outside +-margin.

    A point is a data set, a source and a model. Its fidelity is low when the area under the discriminator's ROC curve, real
    test rows against synthetic rows, features only, significantly exceeds `auc`. `focus` (as `where`) says which points the
    claim is about, `level` holds jointly for them; `level_tau` for Kendall's tau of U with the area and with training length
    over all points.
    """
    found = points(_focused(rows, focus), level)
    low = [p for p in found if p.auc.low > auc]
    if not low:
        return too_few(f"no point in focus has an area significantly above {auc:g}")
    small = [p for p in low if -margin < p.gap.low and p.gap.high < margin]
    large = [p for p in low if p.utility.low > margin]
    verdict = HOLDS if small and large else VIOLATED if len(large) == len(low) else INCONCLUSIVE
    estimates = {f"{what}, {p.name}": getattr(p, what) for p in found for what in ("auc", "gap")}
    overall = taus(points(rows, level_tau), level_tau)
    reason = f"{len(low)} points of low fidelity: {len(small)} with a small gap{_named(small)}, "
    reason += f"{len(large)} with a large one{_named(large)}"
    reason += "".join(f"; {name} {bracketed(tau, '+.2f')}" for name, tau in overall.items())
    counts = {"low fidelity": len(low), "small gap": len(small), "large gap": len(large)}
    return Outcome(verdict, reason, len(rows), estimates | overall, counts)


def _focused(rows: pd.DataFrame, focus: Mapping[str, Any]) -> pd.DataFrame:
    """The rows in focus, with the real training table and the discriminator's rows of the same data sets."""
    part = matching(rows, {k: v for k, v in focus.items() if k == "dataset"})
    if "generator" in focus:
        listed = focus["generator"] if isinstance(focus["generator"], list) else [focus["generator"]]
        part = matching(part, {"generator": ["real", *listed]})
    if "model" not in focus:
        return part
    return part[part["model"].isna() | part.index.isin(matching(part, {"model": focus["model"]}).index)]


def _named(found: list[Point]) -> str:
    return f" ({'; '.join(p.name for p in found)})" if found else ""
