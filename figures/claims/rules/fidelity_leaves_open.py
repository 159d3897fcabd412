"""Low feature fidelity leaves open whether utility is small."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from figures.claims.fidelity_points import Point, points, taus
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import matching


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when one point of low fidelity surely has a gap within +-margin and another surely has one outside;
    violated when there are points of low fidelity and all their gaps surely lie outside +-margin.

    A point is a data set, a source and a model. Its fidelity is low when the area under the discriminator's ROC curve,
    real test rows against synthetic rows, features only, surely exceeds `auc`.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data` with the discriminator's, of several data sets; the largest sizes count.
    params : Mapping
        `focus` (which points the claim is about, as `where`: the family of its intervals), `auc`, `margin`,
        `level` (joint over the focus), `level_tau` (joint over all points, for the rank correlations).

    Returns
    -------
    Outcome
        Area and gap of the points in focus; Kendall's tau of U with the area and with training length over all points.
    """
    found = points(_focused(rows, params["focus"]), params["level"])
    low = [p for p in found if p.auc.low > params["auc"]]
    if not low:
        return too_few(f"no point in focus surely has an area above {params['auc']:g}")
    small = [p for p in low if -params["margin"] < p.gap.low and p.gap.high < params["margin"]]
    large = [p for p in low if p.utility.low > params["margin"]]
    outside = all(p.utility.low > params["margin"] for p in low)
    verdict = HOLDS if small and large else VIOLATED if outside else INCONCLUSIVE
    estimates = {f"{what}, {p.name}": getattr(p, what) for p in found for what in ("auc", "gap")}
    overall = taus(points(rows, params["level_tau"]), params["level_tau"])
    reason = f"{len(low)} points of low fidelity: {len(small)} with a small gap{_named(small)}, "
    reason += f"{len(large)} with a large one{_named(large)}"
    reason += "".join(f"; {name} {t.value:+.2f} [{t.low:+.2f}, {t.high:+.2f}]" for name, t in overall.items())
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
