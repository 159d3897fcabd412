"""Statements of theory/README.md as HTML: the TeX that occurs there in Unicode, with raised and lowered parts."""

import re
import unicodedata
from collections.abc import Iterator

from markupsafe import Markup, escape

ACCENTS = {r"\tilde": "\u0303", r"\hat": "\u0302", r"\bar": "\u0304", r"\underline": "\u0332"}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac")
SYMBOLS = dict(
    re.findall(
        r"(\S+)=(\S+)",
        r"""
        \le=≤ \ge=≥ \lt=&lt; \ne=≠ \ll=≪ \lesssim=≲ \gtrsim=≳ \asymp=≍ \sim=∼ \approx=≈ \in=∈ \notin=∉ \to=→ \mapsto=↦
        \infty=∞ \Leftrightarrow=⇔ \int=∫ \sum=∑ \cdot=· \circ=° \star=* \ast=* \top=⊤ \Vert=‖ \|=‖ \lvert=| \rvert=| \mid=|
        \lbrace={ \rbrace=} \{={ \}=} \langle=⟨ \rangle=⟩ \dots=… \pm=± \ell=ℓ \emptyset=∅
        \varphi=φ \varrho=ϱ \varsigma=ς \vartheta=ϑ
        \varepsilon=ε \\=; -=−""",
    )
) | dict.fromkeys((r"\,", r"\;", r"\ ", r"\qquad", r"\quad"), " ")
SILENT = re.compile(r"\\(left|right|[bB]igg?[lrm]?|math\w+|text|begin\{\w+\}|end\{\w+\}|!)$|&$")
EMPHASIS = re.compile(r"\*\*|(?<!\w)\*(?=\w)|(?<=[\w.])\*(?!\w)")
TOKEN = re.compile(r"\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|\\.|\s+|.", flags=re.S)


def html(text: str) -> Markup:
    """Return a statement in Markdown with TeX as HTML, its emphasis left out."""
    parts = re.split(r"```math\n(.*?)```|\$([^$]+)\$", text, flags=re.S)
    done = [_part(i % 3, part) for i, part in enumerate(parts) if part]
    lines = re.split(r"\n\s*\n|\n(?=\||\d\. |- |\()", "".join(done).strip())
    return Markup("\n".join(" ".join(line.split()) for line in lines))


def _part(kind: int, part: str) -> str:
    """Words, a formula on a line of its own, a formula within a line."""
    return str(escape(EMPHASIS.sub("", part))) if kind == 0 else f"\n\n{formula(part)}\n\n" if kind == 1 else str(formula(part))


def formula(tex: str) -> Markup:
    """Return a formula as HTML: fractions in one line, roots before parentheses, what is not known by its name."""
    return Markup("".join(_atoms(iter(TOKEN.findall(tex)))))  # every token is escaped below


def _atoms(tokens: Iterator[str]) -> Iterator[str]:
    for token in tokens:
        if token == "}":
            return
        yield _atom(token, tokens)


def _atom(token: str, tokens: Iterator[str]) -> str:
    """The HTML of what begins with a token; braces group."""
    if token == "{":
        return "".join(_atoms(tokens))
    if token in ("^", "_"):
        tag = {"^": "sup", "_": "sub"}[token]
        return f"<{tag}>{_next(tokens)}</{tag}>"
    if token in FRACTIONS:
        return f"{_bracketed(_next(tokens))}/{_bracketed(_next(tokens))}"
    if token == r"\sqrt":
        return f"√{_bracketed(_next(tokens))}"
    if token in ACCENTS:
        inside = _next(tokens).lstrip()
        return inside[:1] + ACCENTS[token] + inside[1:]
    if SILENT.match(token):
        return ""
    return SYMBOLS.get(token) or _named(token)


def _next(tokens: Iterator[str]) -> str:
    token = next((t for t in tokens if not t.isspace() and not SILENT.match(t)), "")
    return _atom(token, tokens)


def _bracketed(inside: str) -> str:
    return inside if len(re.sub(r"<su[bp]>.*</su[bp]>", "", inside)) <= 2 else f"({inside})"


def _named(token: str) -> str:
    """A Greek letter, the name of a function, or the character itself."""
    name = token.removeprefix("\\")
    if name == token:
        return " " if token.isspace() else str(escape(token))
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    name_of_letter = {"lambda": "lamda"}.get(name.lower(), name.lower()).upper()
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name_of_letter}")
    except KeyError:
        return f"{name} "
