"""Which cells of the full product of axes an experiment wants: `restrict` in its configuration.

    restrict:
      learner: {forest: {n: 2000, replicates: 10, synthetic_law: [uniform, beta]}}
      task: {margin: {measurement: classification, responses: {not: worst}}}

reads: cells with learner `forest` have n at most 2,000, at most 10 replicates, one of two synthetic laws. A list keeps the
labels (or the sizes) in it, `not` all others; a label stands for all its sub-axes: `beta` for `beta(a=2)`. A list or a
largest size that would leave nothing of an axis (after an override on the command line) is lifted. On an axis that a cell
takes whole (the models of real data) each label is kept or left out by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.config.registry import ConfigError, near

Labels = Mapping[str, Any]
SIZES = ("n", "ratio")


@dataclass(frozen=True)
class Restrictions:
    """The restrictions of one experiment.

    `rules` holds what the configuration says, `present` the labels on every axis.
    """

    rules: Mapping[str, Mapping[str, Mapping[str, Any]]]
    present: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        for axis, of_label in self.rules.items():
            _known(axis, self.present, "restrict")
            for label, wanted in of_label.items():
                for key in wanted:
                    _known(key, [*self.present, "replicates"], f"restrict.{axis}.{label}")

    def allow(self, labels: Labels) -> bool:
        """Tell whether the cell with these labels, one per axis, is wanted."""
        return all(
            self._fits(key, labels[key], wanted)
            for rule in self._of(labels)
            for key, wanted in rule.items()
            if key in labels
        )

    def replicates(self, labels: Labels, asked: int) -> int:
        """Return the number of replicates of the cell with these labels: `asked`, or the least allowed."""
        return min([asked, *(int(rule["replicates"]) for rule in self._of(labels) if "replicates" in rule)])

    def _of(self, labels: Labels) -> list[Mapping[str, Any]]:
        return [
            rule
            for axis, of_label in self.rules.items()
            for label, rule in of_label.items()
            if axis in labels and _same(labels[axis], label)
        ]

    def _fits(self, axis: str, value: Any, wanted: Any) -> bool:
        excluding = isinstance(wanted, Mapping)
        lifted = not excluding and not any(_wanted(axis, each, wanted) for each in self.present[axis])
        return lifted or _wanted(axis, value, wanted)


def _wanted(axis: str, value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return not _wanted(axis, value, wanted["not"])
    if axis in SIZES:
        return value in wanted if isinstance(wanted, Sequence) else bool(value <= wanted)
    return any(_same(value, each) for each in ([wanted] if isinstance(wanted, str) else wanted))


def _same(label: Any, named: str) -> bool:
    return bool(label == named or str(label).partition("(")[0] == named)


def _known(key: str, known: Any, where: str) -> None:
    if key not in known:
        raise ConfigError(f"{where}.{key}: no such axis{near(key, known)}")
