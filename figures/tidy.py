"""From raw rows to tidy tables of estimates: `panel`, `curve`, `x`, `value`, `low`, `high`, and labels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.estimators.intervals import Interval, mean_interval, ratio_interval
from figures.claims import fidelity_points
from figures.claims.certificates import certified, error_rate
from figures.claims.pairs import consistent, share
from figures.claims.rules.relative import paired
from figures.rows import by_n, without_options

Array = NDArray[np.float64]

COLUMNS = ("panel", "curve", "x", "value", "low", "high")
"""The first columns of every table of estimates."""


def points(curve: str, x: Sequence[float] | Array, estimates: Sequence[Interval], **labels: Any) -> pd.DataFrame:
    """Return the tidy rows of one curve: `curve`, `x`, `value`, `low`, `high`, and the labels, one number or word each."""
    found = {"value": [e.value for e in estimates], "low": [e.low for e in estimates], "high": [e.high for e in estimates]}
    return pd.DataFrame({"curve": curve, "x": np.asarray(x, dtype=float), **found, **labels})


def values(curve: str, x: Sequence[float] | Array, y: Sequence[float] | Array, **labels: Any) -> pd.DataFrame:
    """Return the tidy rows of a curve without intervals."""
    return pd.DataFrame({"curve": curve, "x": np.asarray(x, dtype=float), "value": np.asarray(y, dtype=float), **labels})


def series(curve: str, found: "pd.Series[float]", **labels: Any) -> pd.DataFrame:
    """Return the tidy rows of a curve without intervals, from values indexed by x."""
    return values(curve, found.index.to_numpy(), found.to_numpy(), **labels)


def means(rows: pd.DataFrame, by: str, column: str, axis: str = "n", **labels: Any) -> pd.DataFrame:
    """Return means of a column over replicates with 95% intervals, against `axis`: one curve for each value of `by`."""
    found = by_n(rows, [by], column, axis)
    return _joined(points(c, x, [mean_interval(own, 0.95) for own in y], **labels) for c, (x, y) in found.items())


def relative(rows: pd.DataFrame, column: str, **labels: Any) -> pd.DataFrame:
    """Return U_Q/U_P against n, ratios of means over common replicates with 95% intervals: one curve for each law Q.

    P is the law `uniform`; the rows are of one learner.
    """
    found = paired(rows, ("synthetic_law",), column, "uniform")
    return _joined(
        points(c, x, [ratio_interval(*both, 0.95) for both in zip(q, p)], **labels) for c, (x, q, p) in found.items()
    )


def quartiles(rows: pd.DataFrame, by: str, column: str, axis: str = "n", **labels: Any) -> pd.DataFrame:
    """Return medians of a column over replicates, `low` and `high` the quartiles: one curve for each value of `by`."""
    parts = []
    for curve, (x, y) in by_n(rows, [by], column, axis).items():
        low, middle, high = np.quantile(y, [0.25, 0.5, 0.75], axis=1)
        parts.append(values(curve, x, middle, low=low, high=high, **labels))
    return _joined(parts)


def table(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return all tidy parts of a figure, `COLUMNS` first; what a part lacks is missing."""
    whole = _joined(parts)
    return whole.reindex(columns=[*COLUMNS, *(c for c in whole if c not in COLUMNS)])


def _joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(), *parts], ignore_index=True)


def rankings(pair: pd.DataFrame, curve: str, axis: str = "n", **labels: Any) -> pd.DataFrame:
    """Return probabilities that synthetic data rank two models as real data do, exact 95% intervals, against a column.

    `pair` are rows of two models as joined by `figures.claims.pairs.joined`.
    """
    cells = [(x, own) for x, own in pair.groupby(axis, sort=axis == "n")]
    shares = [share(consistent(own, "risk_real_test", "risk_synthetic_test"), 0.95) for _, own in cells]
    return points(curve, [float(x) for x, _ in cells], shares, **labels)


def rankings_by_kind(
    pair: pd.DataFrame, axis: str, kind: str = "worst", tolerance: str = "tolerance", flip: str = "flip", **labels: Any
) -> pd.DataFrame:
    """Return the same for each kind of responses, with the tolerance and flip points that are predicted for one kind."""
    kinds = without_options(pair["responses"])
    own = pair[kinds == kind]
    if not own.empty:
        columns = {"tolerance": tolerance, "flip": flip, "flip_end": f"{flip}_end"}
        labels |= {name: float(own[f"{column}_1"].iloc[0]) for name, column in columns.items()}
    groups = pair.groupby(kinds, observed=True, sort=False)
    return _joined(rankings(part, str(kind), axis, **labels) for kind, part in groups)


def law_labels(law: pd.DataFrame, suffix: str = "") -> dict[str, Any]:
    """Return what legends say of a law: its total variation to the real one, `control` 1 where it leaves a part uncovered."""
    uncovered = law[f"uncovered{suffix}"].max() > 0
    return {"control": int(uncovered), "total_variation": float(law[f"total_variation{suffix}"].iloc[0])}


def lost_shares(rows: pd.DataFrame, level: float, **labels: Any) -> pd.DataFrame:
    """Return the share of its advantage over the constant guess that each model (`curve`) loses at each source (`label`).

    Panels are data sets, `x` is the area under the ROC curve of a classifier that tells the source's features from real ones;
    all intervals hold jointly at `level`.
    """
    found = fidelity_points.points(rows, level)
    short = {d: names(sorted({p.model for p in found if p.dataset == d})) for d in {p.dataset for p in found}}
    return _joined(
        points(short[p.dataset][p.model], [p.auc.value], [p.lost], panel=p.dataset, label=p.source, **labels) for p in found
    )


def certificates(rows: pd.DataFrame, confidence: float, level: float) -> pd.DataFrame:
    """Return the share of certified pairs in the opposite order on real rows by source (`label`), `x` their number.

    Curves: `certified`, and `permuted` for certificates from the losses of other models (claims/certificates.py).
    """
    parts = []
    for curve in ("certified", "permuted"):
        for source, own in certified(rows, confidence, level, curve == "permuted").items():
            if own:
                parts.append(points(curve, [len(own)], [error_rate(own, level)], label=source, panel="pairs"))
    return _joined(parts)


def names(models: Sequence[str]) -> dict[str, str]:
    """Return what each model is called: without its options, where only one of the kind is there."""
    kinds = Counter(model.partition("(")[0] for model in models)
    return {m: m.partition("(")[0] if kinds[m.partition("(")[0]] == 1 else m for m in models}


def option(name: str) -> str:
    """Return the value of the one option in a name: 0.2 of `flips(zero=0.2)`."""
    return name.partition("=")[2].rstrip(")")

