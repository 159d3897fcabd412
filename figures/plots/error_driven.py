"""Excess risk by rounds of extra rows: what knowing real features is worth, and what knowing the errors adds."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

LOOKS = {
    "plain extra rows": style.CONTROL,
    "around random real rows": style.KEPT,
    "around the errors": style.look("poly"),
}
NAMES = dict(zip(("plain", "around rows", "around errors"), LOOKS))
caption = panels.caption(
    "Excess risk on real features after rounds of extra synthetic rows, n/4 in each (n = {n} at first), with 95% intervals. "
    "Left: plain rows from a law that seldom visits the left end help little; rows around 40 real validation rows mend what "
    "is missing. Right: what weighting by the errors adds, as the ratio to rows around random validation rows: little, and "
    "nothing in the end."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean excess risks by round and arm, and the ratio of the last two arms, at the largest n."""
    rows = rows[rows["n"] == rows["n"].max()]
    named = {arm: rows[rows["arm"] == arm].assign(arm=name) for arm, name in NAMES.items()}
    parts = [tidy.means(own, "arm", "excess", "round", panel="excess risk") for own in named.values()]
    paired = rows.pivot(index=["round", "replicate"], columns="arm", values="excess").reset_index()
    average = paired.groupby("round")["around rows"].transform("mean")
    ratio = paired.assign(arm=NAMES["around errors"], ratio=1 + (paired["around errors"] - paired["around rows"]) / average)
    return tidy.table([*parts, tidy.means(ratio, "arm", "ratio", "round", panel="ratio")]).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two panels: excess risk, and the ratio of two arms."""
    figure, [[left, right]] = panels.grid(3.2, 1, 2)
    panels.curves(left, panels.of(estimates, "excess risk"), look=LOOKS.__getitem__)
    panels.log_values(left, "excess risk", xlabel="round", title="excess risk")
    panels.curves(right, panels.of(estimates, "ratio"), look=LOOKS.__getitem__)
    right.axhline(1, **style.BOUND)
    right.set(xlabel="round", ylabel="errors / random rows", title="ratio of the two best")
    panels.headline(figure, "Extra rows where real ones lie mend most; choosing them by the errors adds little")
    panels.legend_below(figure, left)
    return figure
