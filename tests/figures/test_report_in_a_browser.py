"""The report of the published results in headless Chromium: whole, readable at every width, printable."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from figures.publish import PUBLISHED
from figures.report.report import write

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
  const all = selector => [...inner.querySelectorAll(selector)];
  const heads = all('h1, h2, h3, h4').map(h => Number(h.tagName[1]));
  const links = all('a').map(a => a.getAttribute('href'));
  document.title = JSON.stringify({
    width: inner.documentElement.scrollWidth,
    images: inner.images.length,
    broken: all('img').filter(i => !i.complete || i.naturalWidth === 0).length,
    silent: all('figure').filter(f => !f.querySelector('img').alt || f.querySelector('img').alt === f.innerText.trim()).length,
    first: inner.images[0].getBoundingClientRect().bottom,
    landmarks: ['header', 'main', 'footer'].map(name => all(`body > ${name}`).length),
    jumps: heads.filter((level, i) => level > (heads[i - 1] ?? 0) + 1).length,
    titles: heads.filter(level => level === 1).length,
    unscoped: all('th:not([scope])').length,
    lost: links.filter(l => l[0] === '#' ? !inner.getElementById(l.slice(1)) : !l.startsWith('https://')),
    twice: all('[id]').length - new Set(all('[id]').map(e => e.id)).size,
    stacked: getComputedStyle(inner.querySelector('.rows tbody tr')).display === 'block',
  });
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of what is published."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copy(PUBLISHED / "claims.json", folder)
    (folder / "figures").mkdir()
    for note in (n for n in PUBLISHED.glob("*.json") if n.with_suffix(".png").is_file()):
        for path in (note, note.with_suffix(".png")):
            shutil.copy(path, folder / "figures")
    return write(folder, folder / "store")


def chromium(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    line = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("width", [400, 1440])
def test_it_is_whole_and_readable_at_every_width(width: int, page: Path, tmp_path: Path) -> None:
    frame = f'<iframe width="{width}" height="900" style="border:0" src="file://{page}"></iframe>'
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body style='margin:0'>{frame}{MEASURE}</body>")
    words = ["--dump-dom", "--allow-file-access-from-files", f"--window-size={width + 50},1000", f"file://{tmp_path}/page.html"]
    done = chromium(words, tmp_path)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stderr[-2000:]
    seen = json.loads(html.unescape(title[1]))
    assert seen["width"] <= width
    assert seen["images"] > 30
    assert seen["broken"] == seen["silent"] == seen["jumps"] == seen["unscoped"] == seen["twice"] == 0
    assert seen["landmarks"] == [1, 1, 1]
    assert seen["titles"] == 1
    assert seen["lost"] == [], "nothing leads out of a page that is mailed, and nothing nowhere"
    assert seen["stacked"] is (width == 400)
    assert width == 400 or seen["first"] <= 900, "the first figure is on the first screen"
    assert "CONSOLE" not in done.stderr


def test_it_prints_what_is_folded_on_few_pages(page: Path, tmp_path: Path) -> None:
    """The folded tables alone are longer than ten pages."""
    chromium([f"--print-to-pdf={tmp_path / 'report.pdf'}", f"file://{page}"], tmp_path)
    pages = len(re.findall(rb"/Type /Page\b", (tmp_path / "report.pdf").read_bytes()))
    assert 20 < pages < 40
