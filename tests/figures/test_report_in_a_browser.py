"""The report in headless Chromium: nothing missing, nothing overflowing, no console error, printable."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr",
    "--virtual-time-budget=4000",
]

pytestmark = [
    pytest.mark.paper,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian package chromium)"),
]

MEASURE = """
<script>
window.addEventListener('load', () => {
  const inner = document.querySelector('iframe').contentDocument;
  const images = [...inner.images];
  document.title = JSON.stringify({
    width: inner.documentElement.scrollWidth,
    images: images.length,
    broken: images.filter(i => !i.complete || i.naturalWidth === 0).length,
    silent: images.filter(i => !i.alt).length,
  });
});
</script>
"""


def chromium(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    line = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("width", [400, 1600])
def test_nothing_overflows_and_nothing_is_missing(width: int, smoke: Run, tmp_path: Path) -> None:
    page = (smoke.output / "smoke" / "report.html").read_text()
    frame = f'<iframe width="{width}" height="2000" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body style='margin:0'>{frame}{MEASURE}</body>")
    done = chromium(["--dump-dom", f"--window-size={width + 50},2100", f"file://{tmp_path}/page.html"], tmp_path)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stderr[-2000:]
    seen = json.loads(html.unescape(title[1]))
    assert seen["width"] <= width
    assert seen["images"] >= 3
    assert seen["broken"] == seen["silent"] == 0
    assert "CONSOLE" not in done.stderr


def test_it_prints(smoke: Run, tmp_path: Path) -> None:
    report = smoke.output / "smoke" / "report.html"
    chromium([f"--print-to-pdf={tmp_path / 'report.pdf'}", f"file://{report}"], tmp_path)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "report.pdf").stat().st_size > 50_000
