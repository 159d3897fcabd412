"""HTML pages from templates: what comes from data is escaped, images are embedded."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, told: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None) -> str:
    """Return the page that a template of figures/templates makes of what it is told, with filters of its own."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "jinja"]))
    environment.filters.update(filters or {})
    return environment.get_template(template).render(told)


def embedded(image: Path) -> str:
    """Return an image as base64, empty when there is none."""
    return base64.b64encode(image.read_bytes()).decode() if image.is_file() else ""
