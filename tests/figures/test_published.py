"""Published results: the tables draw the figures that were published, to the numbers."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from experiments.config.compose import names, stem
from experiments.config.registry import ConfigError
from figures import commands, compact, numbers, reduction, style
from figures.draw import plot
from figures.publish import LARGEST, PUBLISHED, publish
from figures.redraw import notes, redraw

NOTES = {note["experiment"]: note for note in notes(PUBLISHED)}
WORDS = ["experiment=specification", "executor=serial"]


def redrawn(note: dict[str, object], folder: Path) -> list[str]:
    """Where the figure drawn from a published table differs from what was published."""
    rows = compact.read(folder, note["tables"])  # type: ignore[arg-type]
    style.apply()
    module = plot(str(note["figure"]))
    told = [] if module.caption(rows) == note["caption"] else ["other caption"]
    return told + numbers.differences(note["axes"], numbers.drawn(module.draw(rows)))  # type: ignore[arg-type]


@pytest.mark.skipif(not NOTES, reason="nothing is published yet")
@pytest.mark.parametrize("name", NOTES)
def test_what_is_published_is_drawn_again(name: str) -> None:
    if not NOTES[name]["tables"]:
        told = json.loads((PUBLISHED / "provenance.json").read_text(encoding="utf-8"))[name]
        assert told["published"].startswith("image only")
        return
    assert redrawn(NOTES[name], PUBLISHED) == []


@pytest.mark.skipif(not NOTES, reason="nothing is published yet")
def test_what_is_published_is_small_and_names_no_place() -> None:
    files = [p for p in PUBLISHED.rglob("*") if p.is_file()]
    tables = [p.stat().st_size for p in files if p.suffix == ".npz"]
    assert max(tables) <= LARGEST
    assert sum(tables) < 10e6
    for path in files:
        if path.suffix in (".json", ".md"):
            assert not re.search(r"(?<![\w.])/(home|work|tmp|root|Users|mnt|data)/", path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smoke run of one experiment."""
    output = tmp_path_factory.mktemp("published")
    assert commands.run([*WORDS, "budget=smoke", f"output={output}"]) in (0, 1)
    return output


@pytest.fixture(scope="module")
def folder(finished: Path) -> Path:
    """What is published of it."""
    target = finished / "kept"
    assert publish("smoke", ["experiment=specification", f"output={finished}"], target) == 0
    return target


def test_a_published_run_is_drawn_again(finished: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [note] = notes(folder)
    assert redrawn(note, folder) == []
    assert redraw("published", [f"output={finished}"], folder) == 0
    printed = capsys.readouterr().out
    for claim in json.loads((finished / "smoke" / "claims.json").read_text(encoding="utf-8")):
        assert claim["id"] in printed
    assert (finished / "published" / "specification.pdf").is_file()


def test_a_changed_table_is_noticed(folder: Path, tmp_path: Path) -> None:
    """The control: measured gaps that are 2% larger do not agree with what was published."""
    [note] = notes(folder)
    rows = compact.decode((folder / "specification.npz").read_bytes())
    changed = rows.assign(gap_test=1.02 * rows["gap_test"])
    (tmp_path / "specification.npz").write_bytes(compact.encode(changed, compact.EXACT))
    assert any("times as far as tolerated" in line for line in redrawn(note, tmp_path))


def test_it_is_small_and_says_where_it_comes_from(finished: Path, folder: Path) -> None:
    assert (folder / "specification.npz").stat().st_size < 20_000
    told = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["specification"]
    assert (told["budget"], told["seed"]) == ("smoke", 2023)
    assert {"commit", "date", "packages", "python", "cells", "published"} <= set(told)
    for path in (*folder.glob("*.json"), *folder.glob("*.md")):
        assert str(finished) not in path.read_text(encoding="utf-8")


def test_a_table_too_large_is_left_out(
    finished: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest is published again without a changed byte."""
    monkeypatch.setattr("figures.publish.LARGEST", 100)
    publish("smoke", ["experiment=specification", f"output={finished}"], tmp_path)
    assert "image only" in capsys.readouterr().out
    assert sorted(p.suffix for p in tmp_path.glob("specification*")) == [".json", ".png"]
    for name in ("specification.png", "claims.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    [left], [whole] = notes(tmp_path), notes(folder)
    assert left | {"tables": ["specification"]} == whole
    assert left["tables"] == []
    redraw("published", [f"output={finished}"], tmp_path)
    assert "image only" in capsys.readouterr().out


def test_runs_that_lack_cells_are_not_published(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="no complete run"):
        publish("quick", ["experiment=specification,fidelity", f"output={finished}"], tmp_path)
    printed = capsys.readouterr().out
    assert re.search(r"not published: specification: of (\d+) cells \1 are missing and 0 are of another", printed)
    assert "not published: fidelity" in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["draw=publishd"], "draw: expected published, got 'publishd' (did you mean 'published'?)"),
        (["publish=papr"], "publish: unknown budget 'papr' (did you mean 'paper'?)"),
        (["publish=paper", "seed=3"], "publish: takes only experiment=, output=, data.dir= beside it, got seed=3"),
        (["-m", "publish=paper"], "publish: takes only experiment=, output=, data.dir= beside it, got -m"),
        (["publish=paper", "experiment=specificatio"], "experiment: unknown experiment 'specificatio'"),
        (["draw=published", "publish=paper"], "draw: takes only experiment=, output= beside it, got publish=paper"),
    ],
)
def test_mistakes_are_answered_in_a_line(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as told:
        commands.run(words)
    assert str(told.value).startswith(said)
    assert "\n" not in str(told.value)


def rounded(values: list[float], digits: int) -> np.ndarray:
    """The numbers after a way through the archive, among enough others to be rounded."""
    others = list(range(1000))
    rows = pd.DataFrame({"x": np.array(values + others, dtype=float)})
    return compact.decode(compact.encode(rows, digits))["x"].to_numpy()[: len(values)]


SIZES = st.floats(1e-15, 1e15)


@given(st.lists(SIZES | SIZES.map(lambda v: -v) | st.sampled_from([0.0, np.nan, np.inf, -np.inf])), st.integers(1, 15))
def test_numbers_are_rounded_as_they_are_printed(values: list[float], digits: int) -> None:
    """A second way to round, by printing; half a unit of the last digit may go either way."""
    found = rounded(values, digits)
    for value, one in zip(values, found):
        printed = float(f"{value:.{digits - 1}e}")
        unit = abs(value) * 10.0 ** (1 - digits)
        assert one == printed or (np.isnan(value) and np.isnan(one)) or abs(one - printed) <= unit


def test_simple_decimals_come_back_exactly() -> None:
    values = np.array([0.1, 0.3, 1e-12, 12.5, 7e9, 0.0, np.nan, np.inf, -np.inf, -0.0625, 1 / 3])
    found = rounded(list(values), 4)
    np.testing.assert_array_equal(found, [*values[:9], -0.0625, 0.3333])


def test_columns_keep_their_kinds_and_their_order() -> None:
    rows = pd.DataFrame(
        {
            "law": pd.Categorical(["b", "a", None], ["a", "b", "unused"]),
            "n": [1, 40_000, -129],
            "share": [0.25, 1.0, np.nan],
            "flag": [True, False, True],
            "arm": ["x", "y, z", "x"],
        }
    )
    pd.testing.assert_frame_equal(compact.decode(compact.encode(rows, compact.EXACT)), rows)
    pd.testing.assert_frame_equal(compact.decode(compact.encode(rows, 4)), rows)


def test_levels_keep_every_digit() -> None:
    """Settings with few values stay what they were; many different numbers are rounded."""
    levels = np.tile([1 / 3, 1 / 7, np.inf, np.nan], 300)
    many = np.random.default_rng(1).random(1200)
    found = compact.decode(compact.encode(pd.DataFrame({"d": levels, "u": many}), 4))
    np.testing.assert_array_equal(found["d"], levels)
    assert not np.array_equal(found["u"], many)
    np.testing.assert_allclose(found["u"], many, rtol=5e-4)


class Slope:
    """A figure that needs two of three columns."""

    @staticmethod
    def draw(rows: pd.DataFrame) -> Figure:
        figure = Figure()
        figure.subplots().plot(rows["x"], rows["y"])
        return figure

    @staticmethod
    def caption(rows: pd.DataFrame) -> str:
        return f"{len(rows)} points"


def table(change: Callable[[np.ndarray], np.ndarray] = lambda y: y) -> pd.DataFrame:
    x = np.linspace(1, 2, 500)
    return pd.DataFrame({"cell": "c", "x": x, "y": change(np.exp(x)), "other": x**2, "replicate": range(500)})


def test_columns_that_are_not_drawn_are_left_out() -> None:
    assert reduction.needed(Slope, table()) == ["x", "y"]  # type: ignore[arg-type]


class Largest(Slope):
    """The same of the largest n alone."""

    @staticmethod
    def draw(rows: pd.DataFrame) -> Figure:
        return Slope.draw(rows[rows["n"] == rows["n"].max()])

    @staticmethod
    def caption(rows: pd.DataFrame) -> str:
        return f"n = {rows['n'].max()}"


def test_sizes_that_are_not_drawn_are_left_out() -> None:
    rows = pd.concat([table().assign(n=n) for n in (10, 20, 40)])
    assert reduction.needed_sizes(Largest, rows) == [40]  # type: ignore[arg-type]
    data, said = reduction.smallest(Largest, rows, reduction.shown(Largest, rows), 10_000)  # type: ignore[arg-type]
    assert said == "500 of 1,500 rows, 3 of 6 columns, 4 digits"
    assert data is not None
    assert len(compact.decode(data)) == 500


def test_numbered_columns_stand_or_fall_together() -> None:
    rows = table().assign(value_0=1.0, value_1=2.0)
    assert reduction.needed(Wide, rows) == ["value_0", "value_1"]  # type: ignore[arg-type]


class Wide(Slope):
    """All values of the first row."""

    @staticmethod
    def draw(rows: pd.DataFrame) -> Figure:
        figure = Figure()
        figure.subplots().plot(rows.filter(like="value_").to_numpy()[0])
        return figure


def test_digits_are_kept_where_the_figure_needs_them() -> None:
    """A small signal on a large offset: four digits would lose it."""
    for change, digits in ((lambda y: y, "4 digits"), (lambda y: 1e4 + y / 10, "6 digits")):
        rows = table(change)
        assert reduction.smallest(Slope, rows, reduction.shown(Slope, rows), 10_000)[1].endswith(digits)  # type: ignore[arg-type]


def test_differences_of_drawings() -> None:
    one = numbers.drawn(Slope.draw(table()))
    assert numbers.differences(one, one) == []
    assert numbers.differences(one, numbers.drawn(Slope.draw(table(lambda y: y * (1 + 1e-4))))) == []
    assert numbers.differences(one, numbers.drawn(Slope.draw(table(lambda y: y * 1.01))))
    assert numbers.differences(one, []) == ["1 axes, not 0"]
    named = Slope.draw(table())
    named.axes[0].set_title("another")
    assert "other words" in numbers.differences(one, numbers.drawn(named))[0]


def test_experiments_have_names_that_differ_as_files() -> None:
    files = [stem(name) for name in names()]
    assert len(set(files)) == len(files)
