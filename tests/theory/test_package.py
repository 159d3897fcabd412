import re
from pathlib import Path

import theory

FOLDER = Path(theory.__file__).parent
REFERENCE = re.compile(r"theory/README\.md (\d(?:\.\d)?(?:(?:, | and | to )\d(?:\.\d)?)*)")


def test_exports_resolve_and_are_described():
    for name in theory.__all__:
        assert getattr(theory, name).__doc__, name


def test_every_statement_referred_to_stands_in_the_readme():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"^\*\*(\d\.\d)", text, flags=re.M)) | set(re.findall(r"^## (\d) \w", text, flags=re.M))
    for path in FOLDER.glob("*.py"):
        for reference in REFERENCE.findall(path.read_text(encoding="utf-8")):
            assert set(re.findall(r"\d(?:\.\d)?", reference)) <= stated, (path.name, reference)
