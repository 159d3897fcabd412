"""Files and columns as users have them: one line with the remedy, or a warning and a result."""

import gzip

import numpy as np
import pandas as pd
import pytest

from experiments.audit import reading
from experiments.audit.columns import Warnings
from experiments.audit.copies import without_copied
from experiments.audit.core import load, load_each
from experiments.audit.dtypes import as_text, dtype_of, spelling
from experiments.audit.options import AuditOptions, InMemory, InputError
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


NAMES = ("real", "synthetic")


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
    "utf-16 without a mark": (lambda s: s.to_csv(index=False).encode("utf-16-le"), ["not a CSV", "utf-16-le"]),
    "title": (lambda s: b"\n\nCustomers\n" + text(s), ["line 3 ('Customers')", "1 of 6 column names", "delete lines above"]),
    "title padded": (lambda s: b"Customers,,,,,\n" + text(s), ["line 1 ('Customers')", "1 of 6 column names"]),
    "title with a comma": (lambda s: b"Bonn, 2020\n" + text(s), ["line 1 ('Bonn 2020')", "2 of 6 column names"]),
    "comment": (lambda s: b"# made by us\n" + text(s), ["line 1 ('# made by us')", "delete lines above"]),
    "header one short": (lambda s: text(s).split(b",", 1)[1], ["5 of 6 column names", "or name every column"]),
    "class called NA": (lambda s: s.assign(y=s.y.replace("no", "NA")), ["only the class 'yes'", "NA", "count as missing"]),
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
    "infinite": (lambda s: some(s, "x1", np.inf), "5 values of the synthetic table are infinite or beyond 1e+30"),
    "huge": (lambda s: some(s, "x1", 1e300), "column 'x1': 5 values of the synthetic table are infinite or beyond 1e+30"),
    "category lost": (lambda s: s.assign(kind=s.kind.replace("a", "b")), "lacks 1 of 3 categories ('a'), which"),
    "class too many": (lambda s: some(s, "y", "third"), "the real training table lacks the classes 'third'"),
    "utf-16": (lambda s: s.to_csv(index=False).encode("utf-16"), ""),
    "utf-16, the other way round": (lambda s: b"\xfe\xff" + text(s).decode().encode("utf-16-be"), ""),
    "sep=;": (lambda s: b"sep=;\n" + s.to_csv(index=False, sep=";").encode(), ""),
    "empty lines above": (lambda s: b"\n,,,,,\n\n" + text(s), ""),
    "old Mac line ends": (lambda s: text(s).replace(b"\n", b"\r"), ""),
    "missing": (lambda s: some(s, "x1", None, 30), "20% missing in the synthetic table, 0% in the real one"),
    "missing target": (lambda s: some(s, "y", None), "target missing in 5 rows"),
    "constant": (lambda s: s.assign(x1=1.0), "constant in the synthetic table"),
    "row numbers": (lambda s: s.to_csv().encode(), "without a name"),
    "semicolons": (lambda s: s.to_csv(index=False, sep=";").encode(), ""),
    "tabs": (lambda s: s.to_csv(index=False, sep="\t").encode(), ""),
    "byte-order mark": (lambda s: b"\xef\xbb\xbf" + text(s), ""),
    "gzip": (lambda s: gzip.compress(text(s)), ""),
    "blanks after commas": (lambda s: text(s).replace(b",", b", "), ""),
    "many more rows": (lambda s: pd.concat([s] * 4), "equally many"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_with_a_warning(name, tables, tmp_path):
    change, words = ACCEPTED[name]
    loaded, warned = attempt(tmp_path, tables[0], change(tables[1]))
    assert words in warned
    assert words or not warned
    assert loaded.schema.names == ("n", "x1", "x2", "x3", "kind")
    assert np.isfinite(loaded.real.features).all()


DAYS = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(150) * 5 % 900, "D"))
AMOUNTS = pd.Series((np.arange(150) * 7919**2 % 10**8 - 50_000) / 100)  # two decimals, from -500 to a million
PLAIN, US, EUROPE = "", "'$1,234.5' or '40%'", "'1.234,5'"
SWAPPED = str.maketrans(",.", ".,")
WRITTEN = {
    "thousands": (AMOUNTS, "{:,.2f}".format, US),
    "dollars": (AMOUNTS, lambda v: f"{'-' * (v < 0)}${abs(v):,.2f}", US),
    "dollars, sign inside": (AMOUNTS, "${:,.2f}".format, US),
    "per cent": (AMOUNTS, "{:.2f}%".format, US),
    "blanks": (AMOUNTS, lambda v: f"{v:,.2f}".replace(",", "\u202f"), US),
    "apostrophes": (AMOUNTS, lambda v: f"{v:,.2f}".replace(",", "'"), US),
    "decimal commas": (AMOUNTS, lambda v: f"{v:.2f}".replace(".", ","), EUROPE),
    "dots and commas": (AMOUNTS, lambda v: f"{v:,.2f} €".translate(SWAPPED), EUROPE),
    "power with a comma": (AMOUNTS, lambda v: f"{v:.8e}".replace(".", ","), EUROPE),
    "dots": (DAYS, lambda v: f"{v.day}.{v.month}.{v.year}", "day.month.year"),
    "month first": (DAYS, "{:%m/%d/%Y}".format, "month/day/year"),
    "day first": (DAYS, "{:%d/%m/%Y}".format, "day/month/year"),
    "year first": (DAYS, "{:%Y/%m/%d}".format, "year/month/day"),
    "half days": (DAYS + pd.Timedelta("15:30:00"), "{:%m/%d/%Y %I:%M:%S %p}".format, "month/day/year"),
}


@pytest.mark.parametrize("tables_written", [("real", "synthetic"), ("real",), ("synthetic",)])
@pytest.mark.parametrize("name", WRITTEN)
def test_other_notations_are_read_and_told(name, tables_written, tables, tmp_path):
    values, write, words = WRITTEN[name]
    columns = [values.map(write if table in tables_written else str) for table in NAMES]
    first, second = (t.assign(x1=x1) for t, x1 in zip(tables, columns, strict=True))
    loaded, warned = attempt(tmp_path, first, second)
    assert f"column 'x1': {' and '.join(tables_written)} table: " in warned
    assert words in warned
    place = loaded.schema.numbers.index("x1")
    expected = values if values is AMOUNTS else (values - pd.Timestamp(0)) / pd.Timedelta("1D")
    np.testing.assert_allclose(np.sort(loaded.synthetic.features[:, place]), np.sort(expected), rtol=1e-8)
    assert set(loaded.real.features[:, place]) | set(loaded.test.features[:, place]) == set(loaded.synthetic.features[:, place])


def test_an_ambiguous_notation_is_that_of_the_other_table_or_told(tables, tmp_path):
    """'1,234' is a thousand or a fraction; so is 3/4 of two months."""
    open_to_both = [f"{i % 9 + 1},{i % 900 + 100}" for i in ROWS]
    first, second = (t.assign(x1=open_to_both) for t in tables)
    loaded, warned = attempt(tmp_path, first, second)
    assert "another notation fits too" in warned
    assert loaded.real.features[:, 1].min() > 1000
    loaded, _ = attempt(tmp_path, first, second.assign(x1=[f"{i % 9},5" for i in ROWS]))
    assert loaded.real.features[:, 1].max() < 10


def test_a_real_table_that_two_synthetic_ones_have_read_differently_is_refused(tables, tmp_path):
    """'1,234' is a thousand beside a table that says so, and a fraction beside one with decimal commas."""
    first = tables[0].assign(x1=[f"{i % 9 + 1},{i % 900 + 100}" for i in ROWS])
    others = {"thousands": first, "fractions": tables[1].assign(x1=[f"{i % 9},5" for i in ROWS])}
    paths = {name: tmp_path / f"{name}.csv" for name in ("real", *others)}
    for name, table in {"real": first, **others}.items():
        table.to_csv(paths[name], index=False)
    asked = {name: AuditOptions(str(paths["real"]), str(paths[name]), "y") for name in others}
    with pytest.raises(InputError, match=r"fractions.csv: column 'x1': the real table is read otherwise beside this table"):
        load_each(asked, {name: Warnings() for name in asked})


NO_NOTATION = (["1,2", "1,2,3", "2,3"], ["1.2.3", "1.2", "2.0.1"], ["<10%", "10%", ">10%"], ["2020", "10/12", "a"])


@pytest.mark.parametrize("values", NO_NOTATION)
def test_what_is_no_notation_stays_text(values, tables, tmp_path):
    first, second = (t.assign(x1=[values[i % 3] for i in ROWS]) for t in tables)
    loaded, warned = attempt(tmp_path, first, second)
    assert set(loaded.schema.levels[loaded.schema.categories.index("x1")]) == set(values)
    assert not warned


LABELS = {  # from which of 0 and 1: labels of the real and of the synthetic table, and the classes
    "None": (lambda v: v.map({0: "None", 1: "yes"}), lambda v: v.map({0: "None", 1: "yes"}), {"None", "yes"}),
    "truth values for 0 and 1": (lambda v: v, lambda v: v == 1, {"0", "1"}),
    "0 and 1 for truth values": (lambda v: v == 1, lambda v: v, {"True", "False"}),
    "words for truth values": (lambda v: v == 1, lambda v: v.map({0: "f", 1: "t"}), None),
    "fractions for truth values": (lambda v: v == 1, lambda v: v + np.linspace(-0.4, 0.4, 150), {"True", "False"}),
    "fractions": (lambda v: v, lambda v: v + np.linspace(-0.4, 0.4, 150), {"0", "1"}),
    "fractions elsewhere": (lambda v: v, lambda v: v + 10.5, None),
    "None among numbers": (lambda v: some(v.to_frame("y"), "y", "None").y, lambda v: v, {"0", "1"}),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_matched_where_only_one_reading_is_possible(name, tables, tmp_path):
    ours, theirs, classes = LABELS[name]
    codes = [(t.y == "yes").astype(int) for t in tables]
    changed = [t.assign(y=own(v)) for t, own, v in zip(tables, (ours, theirs), codes, strict=True)]
    if classes is None:
        with pytest.raises(InputError, match="no label in common"):
            attempt(tmp_path, *changed)
        return
    loaded, _ = attempt(tmp_path, *changed)
    assert set(loaded.schema.classes) == classes
    assert set(np.bincount(loaded.synthetic.target.astype(int))) == set(np.bincount(codes[1]))


def test_fractions_for_labels_stand_beside_the_verdict(tables, tmp_path):
    codes = [(t.y == "yes").astype(int) for t in tables]
    attempt(tmp_path, tables[0].assign(y=codes[0]), tables[1].assign(y=codes[1] + 0.1))
    warnings = Warnings()
    load(AuditOptions(**{name: str(tmp_path / f"{name}.csv") for name in NAMES}, target="y"), warnings)
    assert any("fractions in the synthetic table" in note for note in warnings.notes)


@pytest.mark.parametrize("target", ["null", "NA", "None", "Größe", "Income (k$), gross", "1"])
def test_a_target_may_be_called_anything(target, tables, tmp_path):
    named = [t.rename(columns={"y": target}) for t in tables]
    assert attempt(tmp_path, *named, target=target)[0].schema.target == target


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
    "running, but three": (1000 + np.r_[ROWS[:147], 0, 1, 2], True),
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
        (lambda t: t.y.where(t.index > 1), lambda t: t.y, True), (lambda t: t.y.where(t.index > 75), lambda t: t.y, False),
        (lambda t: t.x1 + t.x2 / 100, lambda t: t.x1, False),
        (lambda t: t.x1, lambda t: np.where(t.x1 > 0, "yes", "no"), True),  # a number by which the rows are sorted would do
        (lambda t: t.x1.round(), lambda t: np.where(t.x1 > 0, "yes", "no"), False),
        (lambda t: t.x1, lambda t: np.where(t.x1 > t.x1.nlargest(2).min(), "yes", "no"), False),  # one row: by chance
    ],
)
def test_a_feature_that_is_the_target_is_told(feature, target, same, tables, tmp_path):
    changed = [t.assign(other=feature(t), y=target(t)).drop(columns="x1") for t in tables]
    for table, name in zip(changed, ("real", "synthetic"), strict=True):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    warnings, paths = Warnings(), {name: str(tmp_path / f"{name}.csv") for name in ("real", "synthetic")}
    load(AuditOptions(**paths, target="y"), warnings)
    assert [("'other' says the target" in note) for note in warnings.notes] == [True] * same


def test_numbers_among_which_too_many_words_stand_are_categories_and_told(tables, tmp_path):
    first, second = (t.assign(x1=t.n.astype(str).where(t.index % 8 > 0, "n.v.")) for t in tables)
    loaded, warned = attempt(tmp_path, first, second)
    assert "x1" in loaded.schema.categories
    assert "column 'x1': 19 of 150 real values are no numbers (such as 'n.v.'), so all are categories" in warned


@pytest.mark.filterwarnings("error")
def test_rows_with_values_almost_too_large_are_compared_without_a_word_of_numpy(tables, tmp_path):
    loaded, _ = attempt(tmp_path, tables[0], some(tables[1], "x1", 1e29))
    assert without_copied(loaded, 1)[1].left_out == 0


def test_lists_and_spans_of_time_in_data_frames_are_categories_and_days(tables):
    lists = [[i % 3] for i in ROWS.tolist()]
    more = [t.rename(columns={"n": "self"}).assign(z=lists, days=pd.to_timedelta(ROWS % 7, "D")) for t in tables]
    paths = {name: InMemory(name, t) for name, t in zip(NAMES, more, strict=True)}
    loaded = load(AuditOptions(**paths, target="y"), Warnings())
    assert set(loaded.schema.levels[loaded.schema.categories.index("z")]) == {"[0]", "[1]", "[2]"}
    assert set(loaded.synthetic.features[:, loaded.schema.numbers.index("days")]) == set(range(7))


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
    for wrong, words in ((tables[1], "not numbers up to"), (some(more[1], "y", 1e300), r"'y'.* 5 values .*such as 1e\+300")):
        with pytest.raises(InputError, match=words):
            attempt(tmp_path, more[0], wrong)
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
    with pytest.raises(InputError, match=r"no column 'income' in the real table \(they begin with 'x1', 'x2', 'x3'\)"):
        attempt(tmp_path, *tables, target="income")

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
