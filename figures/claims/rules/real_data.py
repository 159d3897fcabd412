"""Rules about real data: what models lose, their order, certificates, and what fidelity says; the largest tables count.

Rows are of the measurement `real_data` or `semi_real`, the source `real` among them. A pair of models is resolved when the
interval of its risk difference excludes 0.
"""

from collections import Counter
from typing import Literal

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.rankings import kendall_tau, pair_verdict, pairwise
from figures.claims.certificates import certified, error_rate
from figures.claims.fidelity_points import points
from figures.claims.rules.family import Family, above, below, bracketed, joint, rule
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Losses, all_gaps, all_lost_shares, comparable, largest, lost_share_difference, sources

NO_SOURCES = "the real training table and a synthetic source are needed"


@rule("advantage_kept")
def advantage_kept(rows: pd.DataFrame, *, margin: float, level: float) -> Outcome:
    """Holds when what each model loses or gains is significantly less than the share `margin` of its advantage over the
    constant guess; violated when it is significantly more for one of them.

    Groups are data sets, sources and models; all intervals hold jointly. A model without an advantage keeps nothing of it.
    """
    parts = {f"{d}, ": p for d, p in largest(rows).groupby("dataset", observed=True) if comparable(p)}
    if not parts:
        return too_few(NO_SOURCES)
    each = simultaneous_level(2 * len(parts), level)
    over, under = ({d + k: v for d, p in parts.items() for k, v in all_gaps(p, each, s).items()} for s in (margin, -margin))
    groups = {k: _between(under[k], over[k]) for k in over}
    shares = {d + k: v for d, p in parts.items() for k, v in all_lost_shares(p, each).items() if np.isfinite(v.low)}
    reason = f"{list(groups.values()).count(HOLDS)} of {len(groups)} models and sources within {margin:g} of the advantage"
    if shares:
        name, worst = max(shares.items(), key=lambda item: max(abs(item[1].low), abs(item[1].high)))
        reason += f"; least certain: share lost {bracketed(worst, '+.2f')} ({name})"
    return Outcome(joint(groups), reason, len(rows), shares, {}, groups)


def _between(under: Interval, over: Interval) -> str:
    """Holds for a gap above -margin advantages (`under` > 0) and below +margin ones (`over` < 0), violated beyond either."""
    return joint({"under": above(under, 0), "over": below(over, 0)})


@rule("loses_more")
def loses_more(rows: pd.DataFrame, *, more: str, less: str, level: float) -> Outcome:
    """Holds when at every source the model `more` loses a significantly larger share of its advantage over the constant guess
    than the model `less`; violated when it loses a significantly smaller one at one of them.

    All intervals hold jointly. Both models need a significant advantage; where one has none, nothing is said.
    """
    rows = rows[rows["model"].isna() | rows["model"].isin([more, less])]
    parts = [(str(d), *sources(p)) for d, p in largest(rows).groupby("dataset", observed=True) if comparable(p)]
    pairs = {f"{d}, {k}": (real, own) for d, real, synthetic in parts for k, own in synthetic.items() if len(own.models) > 1}
    if not pairs:
        return too_few(f"{NO_SOURCES}, and both models")
    each = simultaneous_level(len(pairs), level)
    found = {k: lost_share_difference(*both, more, less, each) for k, both in pairs.items()}
    family = Family.of(found, lambda _, difference: above(difference, 0))
    name, worst = family.worst(lambda _, difference: -difference.low)
    reason = f"share that {more} loses beyond {less}: {bracketed(worst, '+.2f')} ({name}), above 0 wanted"
    shown = {k: v for k, v in found.items() if np.isfinite(v.low)}
    return Outcome(family.verdict, reason, len(rows), shown, {}, family.verdicts)


@rule("order_kept")
def order_kept(rows: pd.DataFrame, *, level: float, least: float, of: Literal["all", "resolved"]) -> Outcome:
    """Violated at a source when a pair of models is resolved on both sides in opposite orders; holds when none is and at least
    the share `least` of the pairs (`all`, or those that real data resolve) are resolved in the same order.

    The intervals hold jointly over data sets, sources, pairs and both sides. Of `resolved` pairs there must be three at least.
    """
    parts = [(str(d), *sources(p)) for d, p in largest(rows).groupby("dataset", observed=True) if comparable(p)]
    parts = [part for part in parts if len(part[1].models) > 1]
    statements = sum(_pairs(real) * (len(synthetic) + 1) for _, real, synthetic in parts)
    if statements < 2:
        return too_few("the real training table, a synthetic source and two models are needed")
    each, kept = simultaneous_level(statements, level), Counter[str]()
    flipped, tau, groups = [], {}, {}
    for dataset, real, synthetic in parts:
        truth = pairwise(real.full, real.halves, each)
        kept["resolved on real data"] += (resolved := sum(interval.sign != 0 for interval in truth.values()))
        asked = len(truth) if of == "all" else resolved
        for source, own in synthetic.items():
            differences = pairwise(own.full, own.halves, each)
            tau[f"tau, {dataset}, {source}"] = kendall_tau(truth, differences, level)
            verdicts = {pair: pair_verdict(truth[pair], differences[pair]) for pair in truth}
            other = [f"{real.models[i]} / {real.models[j]}" for (i, j), verdict in verdicts.items() if verdict == "flipped"]
            flipped += [f"{dataset}, {source}: {pair}" for pair in other]
            same = list(verdicts.values()).count("same order")
            kept.update({"same order": same, "flipped": len(other)})
            kept["undecided"] += asked - same - len(other)
            enough = same >= least * asked and (of == "all" or resolved >= 3)
            groups[f"{dataset}, {source}"] = VIOLATED if other else HOLDS if enough else INCONCLUSIVE
    reason = f"{kept['resolved on real data']} of {sum(_pairs(real) for _, real, _ in parts)} pairs resolved on real data; "
    reason += f"over {len(tau)} sources {kept['same order']} in the same order, {kept['flipped']} flipped, "
    reason += f"{kept['undecided']} undecided"
    reason += f" ({'; '.join(flipped)})" if flipped else ""
    return Outcome(joint(groups), reason, len(rows), tau, kept, groups)


def _pairs(losses: Losses) -> int:
    return len(losses.models) * (len(losses.models) - 1) // 2


@rule("certified_pairs")
def certified_pairs(
    rows: pd.DataFrame, *, confidence: float, most: float, level: float, permuted: bool = False
) -> Outcome:
    """Holds when, of the pairs of models that held-out synthetic rows of a generator certify, a share below `most` has the
    opposite order on real test rows after real training, whichever way the pairs that real rows leave open are counted;
    violated when the share lies above `most` either way.

    A pair is certified by synthetic data alone: models trained on synthetic rows, their losses at further synthetic rows, an
    interval of the difference that excludes 0, jointly at `confidence` for the pairs of one generator and data set. Groups are
    generators, over all data sets. The share is about these pairs and training tables (`certificates.error_rate`): no
    independence of pairs is assumed. With `permuted` each model has the held-out losses of another one.
    """
    pairs = {source: own for source, own in certified(rows, confidence, level, permuted).items() if own}
    if not pairs:
        return too_few("no pair of models is certified")
    found = Family.of({k: error_rate(own, level) for k, own in pairs.items()}, lambda _, rate: below(rate, most))
    told = [f"{k}: {bracketed(found.estimates[k], '.3f')} of {len(own)}" for k, own in pairs.items()]
    transferred = {f"{k}, after synthetic training": error_rate(own, level, "transferred") for k, own in pairs.items()}
    reason = f"share of certified pairs in the opposite order: {'; '.join(told)}; below {most:g} wanted"
    counts = {f"certified, {k}": len(own) for k, own in pairs.items()}
    return Outcome(found.verdict, reason, len(rows), found.estimates | transferred, counts, found.verdicts)


@rule("fidelity_misleads")
def fidelity_misleads(
    rows: pd.DataFrame, *, fidelity: Literal["low", "high"], auc: float, share: float, level: float,
    models: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    """Holds when every point of low fidelity loses significantly less than `share` of the model's advantage over the constant
    guess, or every point of high fidelity significantly more; violated when one does not, significantly.

    A point is a data set, a source and a model (one of `models` if any are named). Its fidelity is `low` when the area under
    the ROC curve of a classifier that tells its features from those of real test rows significantly exceeds `auc`, `high` when
    the area's interval holds 1/2. All intervals hold jointly.
    """
    shown = rows[rows["model"].isna() | rows["model"].isin(models)] if models else rows
    found = [p for p in points(shown, level, share) if (p.auc.low > auc if fidelity == "low" else p.auc.contains(0.5))]
    if not found:
        return too_few(f"no point of {fidelity} fidelity")
    groups = {p.name: (below if fidelity == "low" else above)(p.beyond, 0) for p in found}
    worst = max(found, key=lambda p: p.lost.value if fidelity == "low" else -p.lost.value)
    most, side = ("largest", "below") if fidelity == "low" else ("least", "above")
    reason = f"{len(found)} points of {fidelity} fidelity; {most} share of the advantage lost "
    reason += f"{bracketed(worst.lost, '+.2f')} ({worst.name}, area {bracketed(worst.auc, '.2f')}), {side} {share:g} wanted"
    estimates = {f"{k}, {p.name}": v for p in found for k, v in (("auc", p.auc), ("lost", p.lost)) if np.isfinite(v.low)}
    return Outcome(joint(groups), reason, len(rows), estimates, {"points": len(found)}, groups)
