"""Files and columns as users have them: one line with the remedy, or a warning and a result."""

import gzip
import importlib.util

import numpy as np
import pandas as pd
import pytest

from experiments.audit import reading
from experiments.audit.columns import Warnings
from experiments.audit.core import load
from experiments.audit.dtypes import as_text, dtype_of, spelling
from experiments.audit.options import AuditOptions, InputError
from experiments.audit.reading import read_table
from tests.audit.worlds import draw, frame


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(0)
    made = [frame(draw(rng, 150, "classification"), "classification") for _ in range(2)]
    return [table.assign(n=rng.integers(0, 50, 150)) for table in made]


def attempt(folder, first, synthetic, **options):
    """Load both tables; `synthetic` may be raw bytes. Returns the problem and the warnings."""
    first.to_csv(folder / "real.csv", index=False)
    raw = synthetic if isinstance(synthetic, bytes) else synthetic.to_csv(index=False).encode()
    (folder / "synthetic.csv").write_bytes(raw)
    given = {name: str(folder / f"{name}.csv") for name in ("real", "synthetic")} | {"target": "y"}
    warnings = Warnings()
    return load(AuditOptions(**given | options), warnings), "\n".join(warnings.to_lines())


def text(table, **changes):
    return table.assign(**changes).to_csv(index=False).encode()


REFUSED = {
    "column missing": (lambda s: s.drop(columns="x1"), ["'x1'", "missing in the synthetic", "audit.ignore"]),
    "column in another case": (lambda s: s.rename(columns={"x1": "X1"}), ["'x1'", "did you mean 'X1'"]),
    "target missing": (lambda s: s.drop(columns="y"), ["'y' (the target)", "missing in the synthetic", "add it"]),
    "column too many": (lambda s: s.assign(extra=1), ["'extra'", "drop it"]),
    "numbers as text": (lambda s: s.assign(x1=s.x1.map("{:.2f} EUR".format)), ["'x1'", "EUR", "write plain numbers"]),
    "numbers for text": (lambda s: s.assign(kind=s.n), ["'kind'", "in the same way"]),
    "one class": (lambda s: s.assign(y="yes"), ["'y'", "only the class 'yes'"]),
    "label with a dot": (lambda s: s.assign(y=s.y + "."), ["'y'", "'no.'", "one spelling"]),
    "label in capitals": (lambda s: s.assign(y=s.y.str.upper()), ["'y'", "'NO'", "one spelling"]),
    "labels 0 and 1": (lambda s: s.assign(y=(s.y == "yes").astype(int)), ["'y'", "no label in common", "rename"]),
    "target empty": (lambda s: s.assign(y=None), ["'y'", "every value is missing"]),
    "no row": (lambda s: s.head(0), ["synthetic", "0 rows"]),
    "one row": (lambda s: s.head(1), ["synthetic", "1 rows", "at least 60"]),
    "five rows": (lambda s: s.head(5), ["synthetic", "5 rows", "at least 60"]),
    "empty file": (lambda s: b"", ["synthetic", "empty"]),
    "picture": (lambda s: b"\x89PNG\r\n\x1a\n" + bytes(500), ["not a CSV", "picture"]),
    "workbook": (lambda s: b"PK\x03\x04" + bytes(500), ["not a CSV", "Excel"]),
    "binary": (lambda s: bytes(range(256)) * 9, ["not a CSV", "binary"]),
    "json": (lambda s: b'{"a": [1, 2], "b": 3}', ["not a CSV", "JSON"]),
    "prose": (lambda s: b"hello world\nhow are you\n", ["only one column"]),
    "latin-1": (lambda s: s.assign(kind="caf\u00e9").to_csv(index=False).encode("latin-1"), ["audit.encoding"]),
    "utf-16": (lambda s: s.to_csv(index=False).encode("utf-16"), ["not a CSV"]),
    "line too long": (lambda s: text(s) + b"1,2,3,4,5,6,7,8\n", ["line 152", "correct that line"]),
    "open quote": (lambda s: text(s) + b'"1,2,3\n', ["not a well-formed CSV"]),
    "column twice": (lambda s: text(s).replace(b"x2", b"x1", 1), ["'x1'", "2 times"]),
    "no header": (lambda s: s.drop(columns=["kind", "y"]).to_csv(index=False, header=False).encode(), ["add a header"]),
    "gzip cut short": (lambda s: gzip.compress(text(s))[:-200], ["cannot be read"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line_that_names_the_remedy(name, tables, tmp_path):
    change, words = REFUSED[name]
    with pytest.raises(InputError) as told:
        attempt(tmp_path, tables[0], change(tables[1]))
    assert "\n" not in str(told.value)
    for word in words:
        assert word in str(told.value)


def some(table, column, value, rows=5):
    changed = table.copy()
    changed[column] = changed[column].astype(object)
    changed.loc[: rows - 1, column] = value
    return changed


ACCEPTED = {
    "a few words among numbers": (lambda s: some(s, "n", "unknown"), "5 values of the synthetic table are not numbers"),
    "unseen category": (lambda s: s.assign(kind=s.kind.replace("a", "new")), "categories that the real table lacks"),
    "category in capitals": (lambda s: s.assign(kind=s.kind.replace("a", "A")), "spelled differently"),
    "infinite": (lambda s: some(s, "x1", np.inf), "5 infinite values"),
    "missing": (lambda s: some(s, "x1", None, 30), "20% missing in the synthetic table, 0% in the real one"),
    "missing target": (lambda s: some(s, "y", None), "target missing in 5 rows"),
    "constant": (lambda s: s.assign(x1=1.0), "constant in the synthetic table"),
    "row numbers": (lambda s: s.to_csv().encode(), "without a name"),
    "semicolons": (lambda s: s.to_csv(index=False, sep=";").encode(), ""),
    "tabs": (lambda s: s.to_csv(index=False, sep="\t").encode(), ""),
    "byte-order mark": (lambda s: b"\xef\xbb\xbf" + text(s), ""),
    "gzip": (lambda s: gzip.compress(text(s)), ""),
    "blanks after commas": (lambda s: text(s).replace(b",", b", "), ""),
    "many more rows": (lambda s: pd.concat([s] * 4), "part of the gap may come from the sizes"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_with_a_warning(name, tables, tmp_path):
    change, words = ACCEPTED[name]
    loaded, warned = attempt(tmp_path, tables[0], change(tables[1]))
    assert words in warned
    assert loaded.schema.names == ("n", "x1", "x2", "x3", "kind")
    assert np.isfinite(loaded.real.features).all()


def test_tables_without_a_usable_feature(tables, tmp_path):
    only = [t[["y", "n"]] for t in tables]
    with pytest.raises(InputError, match="only the target 'y' is left"):
        attempt(tmp_path, *only, ignore=["n"])
    with pytest.raises(InputError, match="no usable feature column is left"):
        attempt(tmp_path, *[t.assign(n=1, empty=None) for t in only])
    words = tables[0].assign(y=[f"{'abcdefgh'[i % 8]}{i}" for i in range(150)])
    with pytest.raises(InputError, match=r"150 classes are more than \d+; group them, or set audit.task=regression"):
        attempt(tmp_path, words, tables[1], task="classification")


def test_useless_columns_are_left_out_and_named(tables, tmp_path):
    more = [t.assign(one=1, twin=t.x1, who=[f"p{i}{j}" for j in range(len(t))]) for i, t in enumerate(tables)]
    loaded, warned = attempt(tmp_path, *more)
    assert set(loaded.schema.names) == {"n", "twin", "x2", "x3", "kind"}
    assert "column 'one': constant" in warned
    assert "column 'x1': the same as 'twin'" in warned
    assert "column 'who': nearly every value is different" in warned


ROWS = np.arange(150)
NUMBERED = {
    "running": (1000 + ROWS, True),
    "shuffled within a wider range": (np.random.default_rng(3).permutation(1000)[:150], True),
    "25 digits": ([f"{10**24 + 7919**5 * i}" for i in range(150)], True),
    "whole incomes": (np.random.default_rng(4).permutation(10**5)[:150], False),
    "counts": (ROWS % 75, False),
    "measured": (ROWS + 0.5, False),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_numbers_of_rows_are_left_out_and_named_unless_kept(name, tables, tmp_path):
    values, identifier = NUMBERED[name]
    by_target = [t.sort_values("y").assign(who=values) for t in tables]  # 150 rows: sorted by the target, so they predict it
    loaded, warned = attempt(tmp_path, *by_target)
    assert ("who" not in loaded.schema.names) == identifier
    assert ("column 'who': whole numbers" in warned) == identifier
    assert "who" in attempt(tmp_path, *by_target, keep=["who"])[0].schema.names


@pytest.mark.parametrize(
    ("feature", "target", "same"),
    [
        (lambda t: t.y.map({"yes": "ja", "no": "nein"}), lambda t: t.y, True), (lambda t: t.kind, lambda t: t.y, False),
        (lambda t: (t.y == "yes") * 2, lambda t: t.y, True), (lambda t: 3 - 2 * t.x1, lambda t: t.x1, True),
        (lambda t: t.x1 + t.x2 / 100, lambda t: t.x1, False),
    ],
)
def test_a_feature_that_is_the_target_is_told(feature, target, same, tables, tmp_path):
    changed = [t.assign(other=feature(t), y=target(t)).drop(columns="x1") for t in tables]
    for table, name in zip(changed, ("real", "synthetic"), strict=True):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    warnings, paths = Warnings(), {name: str(tmp_path / f"{name}.csv") for name in ("real", "synthetic")}
    load(AuditOptions(**paths, target="y"), warnings)
    assert [("'other' says the target" in note) for note in warnings.notes] == [True] * same


def test_dates_truth_values_and_whole_targets(tables, tmp_path):
    days = pd.date_range("2020-01-01", periods=150)
    more = [t.assign(day=days.astype(str), b=t.n > 20, y=t.n % 3) for t in tables]
    more[1]["y"] = more[1]["y"].astype(float)  # 1.0 is the label 1
    loaded, _ = attempt(tmp_path, *more)
    assert {"day", "b"} <= set(loaded.schema.numbers)
    assert sorted(loaded.schema.classes) == ["0", "1", "2"]
    column = loaded.synthetic.features[:, loaded.schema.numbers.index("day")]
    assert np.ptp(column) == 149


def test_numeric_target_with_many_values_is_regressed(tables, tmp_path):
    more = [t.assign(y=t.x1 * 2) for t in tables]
    assert not attempt(tmp_path, *more)[0].schema.classification
    with pytest.raises(InputError, match="not finite numbers"):
        attempt(tmp_path, more[0], tables[1])
    with pytest.raises(InputError, match="constant in the synthetic"):
        attempt(tmp_path, more[0], more[1].assign(y=1.0))


def test_class_missing_in_the_synthetic_table_is_a_warning(tables, tmp_path):
    more = tables[0].assign(y=np.where(tables[0].n > 40, "third", tables[0].y))
    loaded, warned = attempt(tmp_path, more, tables[1])
    assert len(loaded.schema.classes) == 3
    assert "lacks the classes 'third'" in warned


def test_options_that_do_not_fit(tables, tmp_path, monkeypatch):
    wrong = {"target": ("Y", "did you mean 'y'"), "ignore": (["q"], "no column 'q'"), "real": ("/tmp", "not a file")}
    for name, (value, words) in (wrong | {"encoding": ("utf-99", "unknown encoding")}).items():
        with pytest.raises(InputError, match=words):
            attempt(tmp_path, *tables, **{name: value})
    with pytest.raises(InputError, match="no such file"):
        attempt(tmp_path, *tables, real="/no/such.csv")

    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(reading, "_starts", refuse)
    with pytest.raises(InputError, match="no permission"):
        attempt(tmp_path, *tables)


def test_a_long_file_is_sampled_in_chunks_whatever_its_order(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_CELLS", 3000)  # chunks of 1,000 rows
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"x": rng.integers(0, 10**6, 8000), "k": rng.choice(list("abc"), 8000), "y": range(8000)})
    samples = []
    for name, order in (("one", np.arange(8000)), ("two", rng.permutation(8000))):
        table.iloc[order].to_csv(tmp_path / f"{name}.csv", index=False)
        read = read_table(str(tmp_path / f"{name}.csv"), "real", 500, seed=4)
        assert (read.total, len(read.frame)) == (8000, 500)
        samples.append(read.frame.sort_values("y").reset_index(drop=True))
    pd.testing.assert_frame_equal(*samples)
    # The 500 row numbers are uniform: their mean is within 4.5 sigma, false alarm below 1e-5.
    assert abs(samples[0]["y"].mean() - 3999.5) < 4.5 * 8000 / np.sqrt(12 * 500)
    other = read_table(str(tmp_path / "one.csv"), "real", 500, seed=5).frame
    assert set(other["y"]) != set(samples[0]["y"])


def test_copies_are_sampled_one_by_one(tmp_path):
    """Ten rows, 200 times each: a sample of 400 holds about 40 of each, within 4.5 sigma; false alarm below 1e-4."""
    table = pd.DataFrame({"x": np.arange(2000) % 10, "y": np.arange(2000) % 10})
    table.to_csv(tmp_path / "t.csv", index=False)
    counts = read_table(str(tmp_path / "t.csv"), "real", 400).frame["x"].value_counts()
    assert len(counts) == 10
    assert np.abs(counts - 40).max() < 4.5 * np.sqrt(400 * 0.1 * 0.9)


def test_sampling_is_told(tables, tmp_path):
    loaded, warned = attempt(tmp_path, *tables, rows=100)
    assert "150 rows in the file, a sample of 100" in warned
    assert len(loaded.synthetic) == 100


def test_parquet_through_the_optional_extra(tables, tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing else")
    if importlib.util.find_spec("pyarrow") is None:
        with pytest.raises(InputError, match="pip install pyarrow"):
            read_table(str(tmp_path / "t.parquet"), "real", 100)
        return
    tables[0].to_parquet(tmp_path / "t.parquet")
    read = read_table(str(tmp_path / "t.parquet"), "real", 1000)
    pd.testing.assert_frame_equal(read.frame, tables[0], check_dtype=False)


def test_spelling():
    assert spelling(" <=50K. ") == spelling("<=50k")
    assert spelling("Never-married") == spelling("never married")
    assert spelling("<=50K") != spelling(">50K")
    assert spelling("-1") != spelling("1")


@pytest.mark.parametrize("values", [["1.0", " a ", None, "a", "1.0"], ["1", "2.00", None]])
def test_text_is_written_alike_whatever_holds_it(values):
    text, objects = pd.Series(values, dtype="str"), pd.Series(values, dtype=object)
    pd.testing.assert_series_equal(as_text(text), as_text(objects))
    assert dtype_of(text) == dtype_of(objects)
