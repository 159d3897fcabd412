"""The practitioner's question: may this synthetic table replace the real one, for training and for choosing a model?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.audit.api import Audit, Comparison, audit, example

__all__ = ["Audit", "Comparison", "audit", "example"]


def __getattr__(name: str) -> Any:
    """Load what is asked for only then: a mistake on a command line is answered before."""
    if name in __all__:
        return getattr(import_module("experiments.audit.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
