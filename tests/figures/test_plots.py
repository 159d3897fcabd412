"""Plots in two stages: rows to a tidy table of estimates, the table through CSV, and from it alone the figure."""

from inspect import signature
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from experiments.config.compose import experiments_of, stem
from experiments.engine.executors import Executor
from experiments.engine.grid import plan
from experiments.engine.run import collect, run_cells
from figures import panels, plots, style, tidy
from figures.draw import from_csv, plot, to_csv
from figures.publish import PUBLISHED, earlier, notes

MODULES = [m.name for m in iter_modules(plots.__path__)]
SMOKE = ("specification", "fidelity_rate")
"""Cheap experiments whose figures are drawn from rows; the others from their published estimates."""


def shown(figure: Figure) -> tuple[list[str], list[np.ndarray]]:
    """Words and points of everything drawn, in the order of drawing."""
    words, points = [], []
    for ax in figure.axes:
        words += [ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel(), *(t.get_text() for t in ax.texts)]
        words += [str(label) for label in ax.get_legend_handles_labels()[1]]
        points += [np.asarray(line.get_xydata(), dtype=float) for line in ax.lines]
        points += [np.asarray(s, dtype=float) for c in ax.collections if hasattr(c, "get_segments") for s in c.get_segments()]
    return words, points


@pytest.mark.parametrize("name", MODULES)
def test_only_estimates_see_rows(name: str) -> None:
    module = plot(name)
    found = {f: list(signature(getattr(module, f)).parameters) for f in ("estimates", "draw", "caption")}
    assert found == {"estimates": ["rows"], "draw": ["estimates"], "caption": ["estimates"]}


@pytest.mark.parametrize("name", [note["experiment"].replace("/", "-") for note in notes()])
def test_published_estimates_are_drawn(name: str) -> None:
    [note] = [n for n in notes() if n["experiment"].replace("/", "-") == name]
    text = (PUBLISHED / f"{name}.csv").read_text(encoding="utf-8")
    estimates, module = from_csv(text), plot(note["figure"])
    assert to_csv(estimates) == text
    for suffix in (".png", ".svg", ".yaml"):
        assert (PUBLISHED / f"{name}{suffix}").is_file()
    if name in map(stem, earlier()):
        pytest.skip("its file has changed since it was published")
    assert module.caption(estimates) == note["caption"] != ""
    style.apply()
    figure = module.draw(estimates)
    assert any(ax.has_data() for ax in figure.axes)


@pytest.mark.parametrize("name", SMOKE)
def test_the_csv_draws_what_the_estimates_draw(name: str, tmp_path: Path) -> None:
    [experiment] = experiments_of([f"experiment={name}", "budget=smoke", "replicates=3", f"output={tmp_path}"])
    cells = plan(experiment.config)
    assert not run_cells(cells, tmp_path, Executor("serial", 1, ""), name)
    module = plot(experiment.config["figure"])
    estimates = module.estimates(collect(name, cells, tmp_path))
    again = from_csv(to_csv(estimates))
    style.apply()
    (words, points), (same_words, same_points) = shown(module.draw(estimates)), shown(module.draw(again))
    assert words == same_words
    assert len(points) == len(same_points) > 0
    for one, other in zip(points, same_points):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-12)
    assert module.caption(estimates) == module.caption(again)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_six_digits_and_whole_numbers_exact(value: float) -> None:
    [found] = from_csv(to_csv(pd.DataFrame({"curve": ["c"], "value": [value]})))["value"]
    assert found == pytest.approx(value, rel=5e-6)
    if value.is_integer():
        assert found == value


def test_words_and_missing_values_come_back() -> None:
    table = pd.DataFrame({"curve": ["1.0", "nan", ""], "law": ["a, b", np.nan, "c"], "x": [np.inf, np.nan, 131_073]})
    found = from_csv(to_csv(table))
    assert list(found["curve"]) == ["1.0", "nan", ""]
    assert list(found["law"]) == ["a, b", "", "c"]
    np.testing.assert_array_equal(found["x"], table["x"])


def test_means_and_quartiles_of_replicates() -> None:
    """Of 0, 1, ..., 4: mean 2 and standard error sqrt(2.5 / 5), with t of 4 degrees 2.7764; quartiles 1, 2, 3."""
    rows = pd.DataFrame({"law": "beta", "n": 10, "replicate": range(5), "u": np.arange(5.0)})
    [mean] = tidy.means(rows, "law", "u", panel="p").itertuples()
    assert (mean.curve, mean.x, mean.value, mean.panel) == ("beta", 10, 2, "p")
    assert mean.high - 2 == pytest.approx(2 - mean.low) == pytest.approx(2.7764 * 0.5**0.5, rel=1e-4)
    [middle] = tidy.quartiles(rows, "law", "u").itertuples()
    assert (middle.low, middle.value, middle.high) == (1, 2, 3)


def test_curves_of_one_name_differ_in_their_dashes() -> None:
    """What an override sets apart has one colour; options in parentheses belong to the name."""
    assert style.base("beta(a=2, b=3), 0.5") == "beta(a=2, b=3)"
    ax = Figure().subplots()
    panels.curves(ax, pd.concat([tidy.values(f"knn, {ratio}", [1, 2], [3, 4], low=np.nan) for ratio in (1, 2)]))
    one, other = ax.lines
    assert one.get_color() == other.get_color()
    assert (one.get_linestyle(), other.get_linestyle()) == ("-", "--")


def test_the_bytes_do_not_depend_on_what_was_drawn_before(tmp_path: Path) -> None:
    """The solver of the layout gives other last bits the second time, which the names of clip paths show."""
    estimates = from_csv((PUBLISHED / "images.csv").read_text())
    for name in ("first", "second"):
        style.save(plot("images").draw(estimates), tmp_path / name)
    for suffix in (".png", ".svg"):
        assert (tmp_path / f"first{suffix}").read_bytes() == (tmp_path / f"second{suffix}").read_bytes()
