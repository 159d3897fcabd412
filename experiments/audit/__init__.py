"""The practitioner's question: may this synthetic table replace the real one, for training and for choosing a model?

`from experiments.audit import audit`, or `python -m experiments.audit real.csv synthetic.csv --target income`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.audit.api import Audit, audit, example

__all__ = ["Audit", "audit", "example"]


def __getattr__(name: str) -> Any:
    """Load what `__all__` names when it is asked for: a mistake on a command line is answered before."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from experiments.audit import api

    return getattr(api, name)
