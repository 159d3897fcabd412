"""Two tables: what training on each generator's rows costs each model, and what their certificates are worth."""

import pandas as pd
from matplotlib.figure import Figure

from figures import generators, panels, tidy
from figures.rows import largest, matching

TITLES = {"adult": "Adult: % lost", "california": "California: % lost"}

caption = panels.caption(
    "Share of its advantage over the constant guess, in percent, that each model loses when trained on the rows of a generator "
    "instead of real ones, from the generator that costs least. Stars: the joint 95% interval, over test rows, training rows "
    "and refits, excludes 0; a dash: no significant advantage. Right: of the pairs of models that held-out synthetic rows put "
    "in order (their number at the edge), the share that real rows put in the opposite order after real training; intervals "
    "count pairs that real rows leave open as right, and as wrong. Crosses, the control: each model with the losses of another "
    "one."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lost shares of every generator and model, and the certificates, for the largest training tables drawn."""
    rows = matching(largest(rows), {"generator": {"not": "cyclic_flips"}})
    shares = [tidy.lost_shares(rows[rows["dataset"] == dataset], 0.95) for dataset in TITLES]
    return tidy.table([*shares, tidy.certificates(rows, 0.95, 0.95)])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each data set, and one of certificates."""
    shown = {d: title for d, title in TITLES.items() if (estimates["panel"] == d).any()}
    figure, [axes] = panels.grid(4.8, 1, len(shown) + 1)
    panels.headline(figure, generators.by_generator(axes, estimates, shown, 0.1))
    return figure
