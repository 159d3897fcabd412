"""Warnings of an audit, gathered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Notes:
    """Warnings, gathered by what is said, so that two thousand columns do not make two thousand lines."""

    columns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)

    def about(self, column: str, text: str) -> None:
        """Note `text` about one column."""
        self.columns[text].append(column)

    def say(self, line: str) -> None:
        """Note a whole line."""
        self.lines.append(line)

    def to_lines(self) -> list[str]:
        """Return one line for each thing said."""
        return self.lines + [f"{_some(names)}: {text}" for text, names in self.columns.items()]


def _some(names: Sequence[str], most: int = 6) -> str:
    """Write a list of columns, cut where it is long."""
    shown = ", ".join(repr(name) for name in names[:most])
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"column{'s' if len(names) > 1 else ''} {shown}{rest}"
