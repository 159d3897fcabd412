"""Colours of the figures: readable on white, and one meaning each."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from figures import generators, panels, style

FIXED = {name: getattr(style, name) for name in ("BOUND", "PREDICTION", "CONTROL", "REFERENCE", "KEPT", "LOST")}
NAMED = {names[0]: style.look(names[0]) for names in style._NAMES}
LADDER = {f"{step} of 7": style.ladder(step, 7) for step in range(7)}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    rgb = np.asarray(to_rgb(colour))
    return float(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(("name", "look"), [*FIXED.items(), *NAMED.items(), *LADDER.items()])
def test_contrast_on_white_is_at_least_three_to_one(name: str, look: style.Look) -> None:
    assert 1.05 / (luminance(look["color"]) + 0.05) >= 3, name


def test_a_colour_has_one_meaning() -> None:
    marked = [look for look in FIXED.values() if "marker" in look] + [*NAMED.values()]
    assert len({look["color"] for look in marked}) == len({look["marker"] for look in marked}) == len(marked)


def test_the_ladder_gets_lighter() -> None:
    shades = [luminance(look["color"]) for look in LADDER.values()]
    assert shades == sorted(shades)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cvae(epochs=20)", "autoencoder, 20 epochs"),
        ("kernel_density", "kernel density"),
        ("flipped(rate=0.1)", "wrong labels 0.1"),
        ("relabelled(by=naive_bayes)", "labels by naive bayes"),
        ("relabelled(by=mlp)", "labels by network"),
    ],
)
def test_generators_in_words(name: str, said: str) -> None:
    assert generators.words(name) == said


def test_labels_at_ends_are_apart_about_their_points() -> None:
    """Three labels within 0.02 of one another, least distance 0.1: their mean stays, and their order."""
    ax = Figure().subplots()
    ax.set_ylim(0, 1)
    panels.name_ends(ax, [(0.51, "c", "black"), (0.49, "a", "black"), (0.5, "b", "black")], 0.1)
    places = {text.get_text(): text.xy[1] for text in ax.texts if isinstance(text, Annotation)}
    assert places == pytest.approx({"a": 0.4, "b": 0.5, "c": 0.6})
