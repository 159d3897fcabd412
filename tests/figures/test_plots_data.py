"""Estimates of figures of related work and of real data, from rows whose estimates are known by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from experiments.measurements.images import LABELS, SHOWN
from figures import panels
from figures.plots import (
    deep_classification,
    error_driven,
    images,
    inference,
    multiple_sets,
    relational,
    samples,
    self_consuming,
    teacher,
)
from tests.figures.claims.synthetic_rows import losses, told_apart

REPLICATES = range(10)
NOISE = np.linspace(-0.1, 0.1, len(REPLICATES))
"""Of mean 0, so that means over replicates are exact."""


def at(part: pd.DataFrame, curve: str, **where: object) -> pd.Series:  # type: ignore[type-arg]
    """The one estimate of a curve with these labels."""
    for column, wanted in {"curve": curve, **where}.items():
        part = part[part[column] == wanted]
    assert len(part) == 1
    return part.iloc[0]


def test_predicted_errors_end_at_the_intercept_over_the_real_error() -> None:
    """Errors 3 + 1/K, 2 after real training: 1.5 at K = ∞; of 100 tests 40 and 95 hold."""
    rows = [
        {"dataset": "d", "n": 9, "model": "tree", "sets": k, "replicate": r, "error": 3 + 1 / k + e, "error_real": 2.0}
        | {"predicted": 3 + 1 / k}
        for k, (r, e) in product((1, 2, 8), zip(REPLICATES, NOISE))
    ]
    rows += [{"n": 9, "covers_one": i < 40, "covers_across": i < 95, "predicted_one": 0.41} for i in range(100)]
    found = multiple_sets.estimates(pd.DataFrame(rows))
    assert at(found, "tree", x=0)["predicted"] == pytest.approx(1.5)
    assert at(found, "tree", x=0.5)[["value", "predicted"]].tolist() == pytest.approx([1.75, 1.75])
    coverage = panels.of(found, "coverage")
    assert coverage["value"].tolist() == [0.4, 0.95]
    assert ((coverage["low"] < coverage["value"]) & (coverage["value"] < coverage["high"])).all()


def test_ratio_of_arms_is_paired_by_replicate() -> None:
    """Noise that both arms share leaves no interval."""
    excess = {"plain": 4.0, "around rows": 2.0, "around errors": 1.0}
    rows = [
        {"n": 8, "round": k, "replicate": r, "arm": arm, "excess": value + e}
        for (arm, value), k, (r, e) in product(excess.items(), (0, 1), zip(REPLICATES, NOISE))
    ]
    ratio = panels.of(error_driven.estimates(pd.DataFrame(rows)), "ratio")
    np.testing.assert_allclose(ratio[["value", "low", "high"]], 0.5)


def test_kendall_counts_pairs_of_models() -> None:
    """One of three pairs of models is exchanged by the broken link: tau = (2 - 1)/3."""
    risks = {"linear": (1.0, 2.0), "quadratic": (2.0, 1.0), "knn": (3.0, 3.0)}
    rows = [
        {"n": 5, "replicate": r, "source": source, "target": "own", "learner": learner, "utility": 1 + e}
        | {"risk_real": real, "risk": broken if source == "broken" else real}
        for source, (learner, (real, broken)), (r, e) in product(("joint", "broken"), risks.items(), zip(REPLICATES, NOISE))
    ]
    rows += [
        {"n": 5, "replicate": r, "source": s, "discriminator": "parents", "auc": 0.5 + e}
        for s, (r, e) in product(("joint", "broken"), zip(REPLICATES, NOISE))
    ]
    found = relational.estimates(pd.DataFrame(rows))
    assert at(found, "link broken", panel="tau")["value"] == pytest.approx(1 / 3)
    assert at(found, "link kept", panel="tau")["value"] == pytest.approx(1)
    assert at(found, "link kept", label="own: knn")["value"] == pytest.approx(1)
    assert at(found, "link broken", panel="auc")["value"] == pytest.approx(0.5)


def test_order_is_kept_where_all_learners_rank_alike() -> None:
    """Of ten replicates the loop exchanges two learners in three."""
    rows = pd.DataFrame(
        {"feed": "own output only", "generation": 1, "replicate": r, "learner": learner, "excess_real": real}
        | {"excess": 5 - real if r < 3 else real}
        for r, (learner, real) in product(REPLICATES, {"knn": 2.0, "linear": 3.0}.items())
    )
    assert self_consuming._order_kept(rows)["kept"].sum() == 7


def test_naive_rejections_follow_the_normal_law() -> None:
    """At m = n the statistic is N(0, 2): P(|N(0, 1)| > 1.96/√2) = 0.166; the caption takes the largest ratio."""
    tests = dict.fromkeys(("mean_naive", "slope_naive", "mean_corrected", "slope_corrected"), 0)
    rows = pd.DataFrame(
        {"generator": g, "n": n, "ratio": ratio, **tests, "mean_naive": i < 4}
        for g, n, ratio, i in product(("normal_fit", "smoothed_rows"), (100, 400), (0.25, 1.0, 4.0), range(10))
    )
    found = inference.estimates(rows)
    predicted = found[found["curve"] == inference.PREDICTED]
    assert np.interp(1.0, predicted["x"], predicted["value"]) == pytest.approx(0.166, abs=5e-4)
    assert "n = 400" in inference.caption(found)
    assert "0.40 instead of 0.05 at m = 4 n" in inference.caption(found)


def test_the_bound_is_estimated_where_it_is_not_known() -> None:
    rows = pd.DataFrame(
        {"dataset": "california", "generator": "cart", "learner": "mlp", "n": n, "replicate": r}
        | {"utility": 0.1, "utility_test": n * (1 + e), "excess_real": 0.3, "bound_two_sided": np.nan, "bound_estimated": 2.0}
        for n, (r, e) in product((10, 20), zip(REPLICATES, NOISE))
    )
    found = teacher.estimates(rows)
    values = panels.of(found, "bound").set_index("curve")["value"].to_dict()
    assert values == pytest.approx({"utility": 0.1, "bound": 2.0})
    assert set(panels.of(found, "bound")["label"]) == {"cart*"}
    assert panels.of(found, "utility")["value"].tolist() == pytest.approx([10, 20])


def test_images_and_what_they_cost() -> None:
    """(0.3 - 0.1)/(0.9 - 0.1) is lost, and half as much at a second size without the other model; half the labels are wrong."""
    trained = losses({"real": {"a": 0.1, "b": 0.5}, "moved": {"a": 0.3, "b": 0.7}})
    alone = [told_apart(source, area) for source, area in (("real", 0.5), ("moved", 0.97))]
    alone += [
        alone[k].iloc[:64].assign(half=half, loss=value)
        for k in (0, 1)
        for half, value in ((LABELS, np.arange(64) % 2), (SHOWN, 9.0))
    ]
    large = pd.concat([trained, *alone], ignore_index=True).assign(measurement="main", ratio=1.0)
    small = losses({"real": {"a": 0.1}, "moved": {"a": 0.2}}).assign(measurement="small", ratio=1.0, n=500)
    rows = pd.concat([large, small], ignore_index=True)
    rows["cell"] = rows["measurement"] + rows["generator"]
    found = images.estimates(rows)
    share = {panel: at(found, "a", panel=panel, label="moved")["value"] for panel in ("main", "n = 500")}
    assert share == pytest.approx({"main": 0.25, "n = 500": 0.125}, abs=0.06)
    numbers = panels.of(found, "numbers")
    assert {name: at(numbers, name, label="moved")["value"] for name in images.NUMBERS} == pytest.approx(
        {"area": 0.97, "labels": 50, "tau": 1, "regret": 0}
    )
    pixels = panels.of(found, "images").filter(regex=r"^v\d")
    assert (pixels.shape, set(pixels.to_numpy().ravel())) == ((2, 64), {9})
    drawn = [text.get_text() for ax in images.draw(found).findobj(Axes) for text in ax.texts]
    assert {"0.97", "50", f"{100 * share['main']:.0f}"} <= set(drawn)


@pytest.mark.parametrize(("ends", "crossings"), [((-1, 1), [1000]), ((-1, 3), [10**2.5]), ((1, 2), [])])
def test_models_cross_where_their_difference_changes_sign(ends: tuple[int, int], crossings: list[float]) -> None:
    """A difference that is linear in log n from 100 to 10,000."""
    found = deep_classification._crossings(pd.Series(ends, index=[100, 10_000], dtype=float))
    assert found == pytest.approx(crossings)


def test_points_of_a_table_are_drawn_by_rising_response() -> None:
    rows = pd.DataFrame({"dataset": "california", "n": 3, "generator": "real", "response": [3.0, 1.0, 2.0]})
    found = samples.estimates(rows.assign(value_longitude=[-3.0, -1.0, -2.0], value_latitude=[33.0, 31.0, 32.0]))
    shown = found.set_index("label")[["v0", "v1", "v2"]].T
    assert shown["longitude"].tolist() == [-1, -2, -3]
    assert shown["latitude"].tolist() == [31, 32, 33]
    assert shown["shade"].is_monotonic_increasing
    assert (shown["shade"].min(), shown["shade"].max()) == (0, 90)


def test_columns_in_alphabetical_order_give_the_image() -> None:
    """A vertical stroke stays one; read in alphabetical order its pixels would be strewn."""
    image = np.zeros((28, 28))
    image[4:24, 13:15] = 255
    columns = {f"value_pixel_{i}": [v] for i, v in enumerate(image.ravel())}
    rows = pd.DataFrame({"n": [10], "generator": ["real"], "response": [1], **dict(sorted(columns.items()))})
    [drawn] = samples.draw(samples.estimates(rows)).axes[0].images
    np.testing.assert_array_equal(drawn.get_array(), image)
