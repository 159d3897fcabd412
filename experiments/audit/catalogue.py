"""The downstream models by name, without importing what fits them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A downstream model.

    Parameters
    ----------
    label : str
        How reports call it.
    seeds : int
        Full fits to average over: 2 where fitting itself is random, so that the intervals cover that too.
    seconds : float
        Rough time of a fit on 10,000 rows of 15 columns; for the order of work and the progress estimate only.
    stepwise : bool
        Whether a fit takes many small steps between which Python decides. Few rows then save little, and two such fits in
        one process wait for each other.
    regresses : bool
        Whether it also suits regression.
    """

    label: str
    seeds: int
    seconds: float
    stepwise: bool = False
    regresses: bool = True


CATALOGUE: dict[str, Entry] = {
    "linear": Entry("linear model", 1, 0.06),
    "naive_bayes": Entry("naive Bayes", 1, 0.05, regresses=False),
    "tree": Entry("single tree", 1, 0.06),
    "neighbours": Entry("nearest neighbours", 1, 0.4),
    "forest": Entry("random forest", 2, 0.35),
    "boosting": Entry("gradient boosting", 1, 0.25, stepwise=True),
    "mlp": Entry("neural network", 2, 0.4),
}


def available(classification: bool) -> list[str]:
    """Return the names of the models that suit the task."""
    return [name for name, entry in CATALOGUE.items() if classification or entry.regresses]
