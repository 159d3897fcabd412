"""Small drawings as inline SVG: coloured by the page's style sheet, so they follow light and dark; all text escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return the linear map that takes `low` to `start` and `high` to `end`."""
    factor = (end - start) / (high - low) if high > low else 0.0
    return lambda value: start + (value - low) * factor


def element(tag: str, attributes: Mapping[str, Any], inside: str = "") -> Markup:
    """Return one SVG element; attributes and plain text are escaped, `Markup` is taken as it is."""
    written = "".join(f' {name}="{escape(_short(value))}"' for name, value in attributes.items())
    return Markup(f"<{tag}{written}>{escape(inside)}</{tag}>")  # every part is escaped above


def _short(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a line of the CSS class `kind`."""
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": kind})


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return a text of the CSS class `kind`."""
    return element("text", {"x": x, "y": y, "class": kind, "text-anchor": anchor}, words)


def drawing(width: float, height: float, parts: Sequence[str], title: str) -> Markup:
    """Return a whole drawing that scales with the page; `title` says for a screen reader what it shows."""
    inside = element("title", {}, title) + Markup("").join(parts)
    return element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "role": "img", "class": "drawing"}, inside)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers between `low` and `high`, at most about `most`."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** int(f"{rough:e}".split("e")[1])
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = -int(-low // step)
    return [round(i * step, 12) for i in range(first, int(high // step) + 1)]


def intervals(rows: Sequence[Mapping[str, Any]], title: str, axis: str) -> Markup:
    """Draw intervals one below the other on a common axis with a line at 0.

    Rows have `label`, `value`, `low`, `high`, and `inner`, a pair of ends drawn thicker.
    """
    ends = [0.0, *(row[end] for row in rows for end in ("low", "high")), *(x for row in rows for x in row["inner"])]
    low, high = min(ends), max(ends)
    pad = 0.05 * (high - low) or 1.0
    left = max(170, 20 + 7 * max(len(row["label"]) for row in rows))  # so that long labels fit
    right, bottom = left + 450, 24 * len(rows) + 12
    at = scale(low - pad, high + pad, left, right)
    parts = [line(at(0), 4, at(0), bottom, "zero")]
    for tick in ticks(low - pad, high + pad):
        parts.append(line(at(tick), bottom, at(tick), bottom + 4, "axis"))
        parts.append(text(at(tick), bottom + 17, f"{tick:,.10g}", "small", "middle"))
    for number, row in enumerate(rows):
        y = 24 * number + 18
        parts += [
            text(left - 10, y + 4, row["label"], "", "end"),
            line(at(row["low"]), y, at(row["high"]), y, "reach"),
            line(at(row["inner"][0]), y, at(row["inner"][1]), y, "inner"),
            element("circle", {"cx": at(row["value"]), "cy": y, "r": 4, "class": "dot"}),
        ]
    parts += [line(left, bottom, right, bottom, "axis"), text(left + 225, bottom + 34, axis, "small", "middle")]
    return drawing(right + 20, bottom + 42, parts, title)


def places(rows: Sequence[Mapping[str, Any]], title: str, unit: str) -> Markup:
    """Draw the order of the models after real (left) and after synthetic training (right), best on top.

    Rows have `label` and the risks `real` and `synthetic`; `unit` says what the numbers are.
    """
    bottom = 40 + 22 * len(rows)
    parts = [text(x, 18, f"after {side} training", "small", "middle") for side, x in (("real", 230), ("synthetic", 450))]
    place = {side: _places([row[side] for row in rows]) for side in ("real", "synthetic")}
    for i, row in enumerate(rows):
        left, right = (40 + 22 * place[side][i] for side in ("real", "synthetic"))
        parts.append(line(230, left, 450, right, "slope"))
        for side, x, y, anchor, shift in (("real", 230, left, "end", -10), ("synthetic", 450, right, "start", 10)):
            parts.append(element("circle", {"cx": x, "cy": y, "r": 4, "class": "dot"}))
            parts.append(text(x + shift, y + 4, f"{row['label']} {float(format(row[side], '.4g')):,.10g}", "", anchor))
    parts.append(text(340, bottom + 6, f"{unit}, best on top; lines that cross change places", "small", "middle"))
    return drawing(680, bottom + 14, parts, title)


def _places(values: Sequence[float]) -> list[int]:
    """Return the place of each value, 0 for the smallest; ties in the order given."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    return [order.index(i) for i in range(len(values))]


def curves(roc: Sequence[Sequence[float]], lowered: Sequence[Sequence[float]], title: str) -> Markup:
    """Draw a held-out ROC curve, its lowered version and the diagonal."""
    x, y = scale(0, 1, 50, 330), scale(0, 1, 290, 10)
    parts = [line(x(0), y(0), x(1), y(1), "zero")]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(text(x(tick), 306, f"{tick:,.10g}", "small", "middle"))
        parts.append(text(44, y(tick) + 4, f"{tick:g}", "small", "end"))
        parts += [line(x(tick), y(0), x(tick), y(0) + 4, "axis"), line(x(0) - 4, y(tick), x(0), y(tick), "axis")]
    parts += [line(x(0), y(0), x(1), y(0), "axis"), line(x(0), y(0), x(0), y(1), "axis")]
    for points, kind in (([[0, 0], *roc], "thin"), (lowered, "thick")):
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(element("polyline", {"points": path, "class": kind}))
    parts += [text(190, 326, "share of synthetic rows", "small", "middle")]
    upright = {"x": -150, "y": 12, "class": "small", "text-anchor": "middle", "transform": "rotate(-90)"}
    parts.append(element("text", upright, "share of real rows"))
    return drawing(345, 332, parts, title)


def shares(entry: Mapping[str, Any]) -> Markup:
    """Draw shares of bins or categories of one column: real above, synthetic below a common line."""
    real, synthetic, labels = entry["real"], entry["synthetic"], entry["labels"]
    top, step = max([*real, *synthetic, 1e-9]), 280 / len(labels)
    parts = [line(10, 62, 290, 62, "axis")]
    for i, (up, down, label) in enumerate(zip(real, synthetic, labels, strict=True)):
        x, a, b = 10 + i * step, 46 * up / top, 46 * down / top
        tip = element("title", {}, f"{label}: real {up:.1%}, synthetic {down:.1%}")
        for kind, y, height in (("real", 62 - a, a), ("synthetic", 62.0, b)):
            box = {"x": x + 1, "y": y, "width": max(step - 2, 1.0), "height": height, "class": kind}
            parts.append(element("rect", box, tip))
    return drawing(300, 112, parts, f"{entry['column']}: shares in the real table (up) and in the synthetic one (down)")


def heat(columns: Sequence[str], matrix: Sequence[Sequence[float]], title: str) -> Markup:
    """Draw a square of numbers in [0, 1] as opacity of one colour."""
    size, left = 18, 140
    parts = []
    for i, name in enumerate(columns):
        parts.append(text(left - 6, i * size + 13, name[:18], "small", "end"))
        for j, value in enumerate(matrix[i]):
            tip = element("title", {}, f"{name}, {columns[j]}: {value:.2f}")
            box = {"x": left + j * size, "y": i * size, "width": size - 1, "height": size - 1}
            parts.append(element("rect", box | {"fill-opacity": float(value), "class": "heat"}, tip))
    return drawing(left + size * len(columns), size * len(columns) + 4, parts, title)
