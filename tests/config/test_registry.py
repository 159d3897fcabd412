"""Components are found and described without importing them."""

from dataclasses import MISSING, fields

import pytest

from experiments.config.registry import components, declared
from experiments.config.schema import AXES


@pytest.mark.parametrize("group", sorted(set(AXES.values())))
def test_the_source_says_what_the_classes_say(group: str) -> None:
    classes = components(group)
    assert list(declared(group)) == sorted(classes)
    for name, cls in classes.items():
        own = {f.name: None if f.default is MISSING else f.default for f in fields(cls)}
        assert declared(group)[name].options == own
        assert all(f.default_factory is MISSING for f in fields(cls))
