"""Near misses by calculation: the same rows in a world whose responses have one more error."""

import numpy as np
import pandas as pd

from figures.claims.rules.family import Group


def planted(
    rows: pd.DataFrame, *, column: str, by: Group, size: float = 1.0, of: str = "", shift: str = "", axis: str = "n",
    late: bool = False,
) -> pd.DataFrame:
    """Return the rows with `column`, an excess risk, a signed gap or a utility, as an error c of all responses would make it.

    c^2 is `size` times the mean of |`of`| (`column` where not given) at the largest value of `axis` in each group `by`; with
    `size` 1 half of what is seen at the largest n stays for good. A constant error makes f~ into f~ + c, as with every learner
    equivariant under shifts, and adds 2cB + c^2 to the excess risk, where B = int (f~ - mu) dP is the column `shift`. Without
    `shift` it adds c^2, as an error does that is orthogonal to f~ - mu; in 0-1 loss, certain labels learned wrong on a set of
    P-measure c^2. With `late` it is there at the largest value of `axis` only. A utility is the absolute value of its signed
    gap, the column of that name, and of what is added.
    """
    groups = [rows[name] for name in by]
    last = rows[axis] == rows[axis].groupby(groups, observed=True).transform("max")
    floor = size * rows[of or column].abs().where(last).groupby(groups, observed=True).transform("mean")
    floor = floor.where(last, 0.0) if late else floor
    if not shift:
        return rows.assign(**{column: rows[column] + floor})
    added = 2 * np.sqrt(floor) * rows[shift] + floor
    gap = column.replace("utility", "gap")
    return rows.assign(**{column: rows[column] + added if gap == column else (rows[gap] + added).abs()})
