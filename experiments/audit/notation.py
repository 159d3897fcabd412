"""Numbers and dates as people and spreadsheets write them, written plainly: thousands, decimal commas, units, days first."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from experiments.audit.dtypes import MOSTLY, as_text, dtype_of, is_text

_BLANKS = " '’\u00a0\u202f"
_DAY, _MONTH, _YEAR = r"(?P<d>0?[1-9]|[12]\d|3[01])", r"(?P<m>0?[1-9]|1[0-2])", r"(?P<y>\d{4})"
_TIME = r"(?:,?[ T]+(?P<hour>\d\d?)(?P<rest>:\d\d(?::\d\d(?:\.\d+)?)?) ?(?P<half>[AaPp]\.?[Mm]\.?)?)?"


def _number(thousands: str, mark: str) -> re.Pattern[str]:
    """Return the pattern of numbers with a currency or per cent sign, these separators and this decimal mark."""
    whole = rf"[1-9]\d{{0,2}}(?:[{thousands}{_BLANKS}]\d{{3}})+|\d*"
    sign, unit = r"(?P<sign>[-+−]?)", r"[$€£¥]?"
    before, after = rf"{unit} ?{sign} ?{unit} ?(?={mark}?\d)", rf"(?P<power>[eE][-+]?\d+)? ?(?:%|{unit})"
    return re.compile(rf"{before}(?P<whole>{whole})(?:{mark}(?P<part>\d*))?{after}")


NOTATIONS = {
    "numbers are written as '$1,234.5' or '40%', read as 1234.5 and 40": _number(",", r"\."),
    "numbers are written as '1.234,5', read as 1234.5": _number(".", ","),
    "dates are read as day.month.year": re.compile(rf"{_DAY}\.{_MONTH}\.{_YEAR}{_TIME}"),
    "dates are read as year/month/day": re.compile(rf"{_YEAR}([/.]){_MONTH}\2{_DAY}{_TIME}"),
    "dates are read as month/day/year": re.compile(rf"{_MONTH}([/-]){_DAY}\2{_YEAR}{_TIME}"),
    "dates are read as day/month/year": re.compile(rf"{_DAY}([/-]){_MONTH}\2{_YEAR}{_TIME}"),
}
"""Other ways of writing than those that pandas reads, the more plausible first."""


def plainly_written(series: Mapping[str, pd.Series]) -> tuple[dict[str, pd.Series], list[str]]:
    """Write one column of all tables plainly where it holds numbers or dates in another notation, and say how it is read.

    The `real` table decides whether it does. Where several notations fit a table, the one that fits most tables is taken.
    """
    fits = {name: _fitting(s) for name, s in series.items()}
    fits["real"] = {how: plain for how, plain in fits["real"].items() if dtype_of(plain) != "text"}
    found, told = dict(series), dict[str, list[str]]()
    if not any(fits.values()) or (not fits["real"] and dtype_of(series["real"]) == "text"):
        return found, []
    for name, own in fits.items():
        if own:
            how = max(own, key=lambda notation: sum(notation in other for other in fits.values()))
            found[name] = own[how]
            told.setdefault(how + " (another notation fits too)" * (len(own) > 1), []).append(name)
    return found, [f"{' and '.join(names)} table: {how}" for how, names in told.items()]


def _fitting(series: pd.Series) -> dict[str, pd.Series]:
    """Return, for each notation in which nearly all of a column is written, the column written plainly."""
    if not is_text(series) or pd.api.types.is_datetime64_any_dtype(series):
        return {}
    some = as_text(series.dropna().head(20))
    able = [how for how, pattern in NOTATIONS.items() if 2 * sum(bool(pattern.fullmatch(v)) for v in some) >= len(some) > 0]
    if not able or dtype_of(series) != "text":  # in this order: few columns need a second look
        return {}
    text = as_text(series)
    distinct = text.dropna().unique()
    found: dict[str, pd.Series] = {}
    for how in able:
        pattern = NOTATIONS[how]
        plain = {value: _plain(match) for value in distinct if (match := pattern.fullmatch(value))}
        column = text.map(lambda value, plain=plain: plain.get(value, value), na_action="ignore").astype("str")
        if text.dropna().isin(plain).mean() > MOSTLY and not any(column.equals(other) for other in found.values()):
            found[how] = column
    return found


def _plain(match: re.Match[str]) -> str:
    """Return the number, or the ISO date, that was matched."""
    part = match.groupdict()
    if "y" in part:
        day = f"{part['y']}-{part['m']:0>2}-{part['d']:0>2}"
        if not part["hour"]:
            return day
        hour = int(part["hour"]) % 12 + 12 * (part["half"][0] in "pP") if part["half"] else int(part["hour"])
        return f"{day}T{hour:02}{part['rest']}"
    sign = "-" if part["sign"] in ("-", "−") else ""
    return f"{sign}{re.sub(r'[^0-9]', '', part['whole'])}.{part['part'] or '0'}{part['power'] or ''}"
