"""The selection language: which cells an experiment runs (`restrict`), which rows a claim is about (`where`).

    where: {learner: knn, synthetic_law: {not: [uniform, uncovered]}}
    restrict:
      learner: {forest: {n: 2000, replicates: 10, synthetic_law: [uniform, beta]}}

A label or a list of labels keeps what is in it, `not` keeps everything else; a label stands for all its sub-axes: `beta` for
`beta(a=2)`. A restriction holds for the cells with its label (here: learner `forest`); a number caps sizes and replicates. It
is lifted on an axis where it would leave nothing (after an override on the command line), unless it starts with `not`. On an
axis that a cell takes whole (the models of real data) each label is kept or left out by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.config.registry import ConfigError, near

Labels = Mapping[str, Any]
SIZE_AXES = ("n", "ratio")


def without_options(label: Any) -> str:
    """Return a label such as `beta(a=2)` without what follows the name: `beta`."""
    return str(label).partition("(")[0]


def selects(wanted: Any, label: Any) -> bool:
    """Return whether a label is the wanted one, one of a wanted list, or none of those in `{"not": ...}`."""
    if isinstance(wanted, Mapping):
        return not selects(wanted["not"], label)
    listed = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Sequence) else wanted
    return label in listed or without_options(label) in listed


@dataclass(frozen=True)
class Restrictions:
    """The restrictions of one experiment.

    `rules` holds what the configuration says, `present` the labels on every axis.
    """

    rules: Mapping[str, Mapping[str, Mapping[str, Any]]]
    present: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        for axis, of_label in self.rules.items():
            _check_axis(axis, self.present, "restrict")
            for label, wanted in of_label.items():
                for key in wanted:
                    _check_axis(key, [*self.present, "replicates"], f"restrict.{axis}.{label}")

    def allow(self, labels: Labels) -> bool:
        """Return whether the cell with these labels, one per axis, is wanted."""
        return all(
            self._allows(key, labels[key], wanted)
            for rule in self._of(labels)
            for key, wanted in rule.items()
            if key in labels
        )

    def replicates(self, labels: Labels, asked: int) -> int:
        """Return the number of replicates of the cell with these labels: `asked`, or the smallest cap."""
        return min([asked, *(int(rule["replicates"]) for rule in self._of(labels) if "replicates" in rule)])

    def _of(self, labels: Labels) -> list[Mapping[str, Any]]:
        return [
            rule
            for axis, of_label in self.rules.items()
            for label, rule in of_label.items()
            if axis in labels and selects(label, labels[axis])
        ]

    def _allows(self, axis: str, value: Any, wanted: Any) -> bool:
        lifted = not isinstance(wanted, Mapping) and not any(_within(axis, wanted, v) for v in self.present[axis])
        return lifted or _within(axis, wanted, value)


def _within(axis: str, wanted: Any, value: Any) -> bool:
    capped = axis in SIZE_AXES and isinstance(wanted, int | float)
    return bool(value <= wanted) if capped else selects(wanted, value)


def _check_axis(key: str, known: Any, where: str) -> None:
    if key not in known:
        raise ConfigError(f"{where}.{key}: no such axis{near(key, known)}")
