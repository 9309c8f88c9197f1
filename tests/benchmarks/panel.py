"""The lab's panel in a real browser: when it can be used, what it adds to the start, a long history, a large notebook compared."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.workspace import Workspace
from tests.browser.lab import BUNDLE, Lab, running

from .bench import Bench
from .data import generator
from .notebooks import figure

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOTEBOOK = "figures.ipynb"

OLDEST = "the very first"
"""The message of the oldest snapshot."""

CELLS = 80
"""Of the notebook that is compared, each with a figure: 5 MB. One in ten differs."""

PAIRS = 9
"""Pairs of starts at least: one start differs from the next by more than the panel adds, so only the median of the differences says it."""

MILLISECONDS_MAX = 120_000

CLOCK = """
performance.setResourceTimingBufferSize(5000);
const look = setInterval(() => {
  if (window.jupyterapp) {
    clearInterval(look);
    window.jupyterapp.restored.then(() => { window.ready = performance.now(); });
  }
}, 2);
"""
"""Notes when the lab has started, in milliseconds since the page was asked for."""

UNTIL = """([command, options, shown]) => new Promise(done => {
  const start = performance.now();
  const look = () => document.querySelector(shown) ? done(performance.now() - start) : requestAnimationFrame(look);
  window.jupyterapp.commands.execute(command, options);
  look();
})"""
"""How many milliseconds after a command something is drawn."""

SCROLL = """step => new Promise(done => {
  const list = document.querySelector('.jk-Timeline');
  let [longest, last, frames] = [0, performance.now(), 0];
  const draw = now => {
    longest = frames ? Math.max(longest, now - last) : 0;
    last = now;
    list.scrollTop += step;
    ++frames > 300 ? done(longest) : requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
})"""
"""Scrolls five seconds through the history by so many pixels a frame; the longest time between two frames, in milliseconds."""

END = """oldest => new Promise(done => {
  const [list, start] = [document.querySelector('.jk-Timeline'), performance.now()];
  const draw = () => {
    list.scrollTop = list.scrollHeight;
    list.innerText.split('\\n').includes(oldest) ? done(performance.now() - start) : requestAnimationFrame(draw);
  };
  draw();
})"""
"""How many milliseconds it takes to scroll to the oldest snapshot, by the end of each page."""

LOADED = "() => performance.getEntriesByType('resource').map(each => new URL(each.name).pathname)"


def panel(bench: Bench) -> None:
    """The lab with the panel and without it in pairs, whose order alternates, from one server; each page without a cache."""
    missing = _missing()
    if missing:
        print(f"panel: left out, {missing} is missing; make test says how to get it", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright  # it may be missing

    from tests.browser.conftest import CHROMIUM, FLAGS  # the same

    with bench.place() as place, sync_playwright() as playwright:
        work, home = place / "work", place / "home"
        work.mkdir()
        home.mkdir()
        _write_history(work, bench.sizes.panel_snapshots)
        with running(work, home) as lab, closing(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)) as browser:
            _page(browser, lab)  # What server and browser read from the disk for the first time is no part of it.
            for number in range(max(bench.rounds, PAIRS) if bench.rounds > 1 else 1):
                _pair(bench, browser, lab, home, with_panel_first=number % 2 == 1)
            for _ in range(bench.rounds):
                _round(bench, browser, lab)


def _missing() -> str:
    if not (BUNDLE / "package.json").exists():
        return "the built lab extension"
    for name in ("playwright", "jupyterlab", "pytest"):
        if find_spec(name) is None:
            return name
    from tests.browser.conftest import CHROMIUM  # it needs Playwright

    return "" if CHROMIUM else "Chromium"


def _write_history(folder: Path, count: int) -> None:
    """``count`` snapshots, and a notebook that has changed since the last.

    One in a hundred keeps a new file: a file that was just written takes a moment to settle, and ten thousand of those are minutes.
    """
    with Workspace.init(folder) as workspace:
        for number in range(count - 1):
            if number % 100 == 0:
                (folder / "notes.txt").write_text(f"{number}\n")
            workspace.snapshot(f"step {number}" if number else OLDEST, metrics={"loss": 1 / (number + 1)})
        (folder / NOTEBOOK).write_text(_notebook(0))
        workspace.snapshot("figures", tags=["figures"])
    (folder / NOTEBOOK).write_text(_notebook(1))


def _notebook(version: int) -> str:
    cells = []
    for number in range(CELLS):
        seed = number + version * CELLS if number % 10 == 0 else number
        shown = {"image/png": base64.b64encode(figure(generator(seed))).decode(), "text/plain": "<Figure size 576x432>"}
        output = {"output_type": "display_data", "data": shown, "metadata": {}}
        cells.append({
            "cell_type": "code", "id": f"c{number}", "source": f"show({seed})", "metadata": {}, "execution_count": number,
            "outputs": [output],
        })  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _pair(bench: Bench, browser: Browser, lab: Lab, home: Path, *, with_panel_first: bool) -> None:
    """The lab's start with the panel and without it, one right after the other, and the difference of the two."""
    link = home / "labextensions" / "jupyter-kit"
    seconds = {}
    for with_panel in (with_panel_first, not with_panel_first):
        link.unlink(missing_ok=True)
        if with_panel:
            link.symlink_to(BUNDLE)
        seconds[with_panel], _ = _page(browser, lab)
    link.unlink(missing_ok=True)
    link.symlink_to(BUNDLE)
    bench.record("panel", "start of the lab", "lab alone", seconds[False])
    bench.record("panel", "start of the lab", "jupyter-kit", seconds[True])
    bench.record("panel", "start of the lab, grown by", "jupyter-kit", seconds[True] - seconds[False])


def _round(bench: Bench, browser: Browser, lab: Lab) -> None:
    """Measure what the panel does once."""
    _, page = _page(browser, lab, keep=True)
    assert page is not None
    ours = {Path(path).name for path in page.evaluate(LOADED) if "/extensions/jupyter-kit/static/" in path}
    scripts = [BUNDLE / "static" / name for name in ours if name.endswith(".js")]

    def note(work: str, seconds: float) -> None:
        bench.record("panel", work, "jupyter-kit", seconds)

    bench.record(
        "panel", "code read at the start, gzipped", "jupyter-kit", sum(len(gzip.compress(p.read_bytes())) for p in scripts), "bytes"
    )
    shown = ".jk-Timeline [id^=jk-snapshot-]"
    note("history shown after the lab", page.evaluate(UNTIL, ["jupyter-kit:show-panel", {}, shown]) / 1000)
    page.locator(".jk-Change").first.wait_for()
    bench.record("panel", "longest frame while scrolling", "nothing moves", page.evaluate(SCROLL, 0) / 1000)
    note("longest frame while scrolling", page.evaluate(SCROLL, 150) / 1000)
    page.get_by_role("button", name="Find snapshots").click()
    words = page.get_by_role("searchbox")
    start = time.perf_counter()
    words.fill(OLDEST)
    page.get_by_text(OLDEST, exact=True).wait_for()
    note("oldest snapshot found by words", time.perf_counter() - start)
    words.fill("")
    page.get_by_role("button", name="Find snapshots").click()
    page.get_by_text("figures", exact=True).first.wait_for()
    note("history read to its end", page.evaluate(END, OLDEST) / 1000)
    bench.record("panel", "memory of the server", "jupyter-kit", _peak_bytes(lab), "bytes")
    options = {"before": "figures", "path": NOTEBOOK}
    note("5 MB notebook compared", page.evaluate(UNTIL, ["jupyter-kit:open-diff", options, ".jp-Notebook-diff .cm-content"]) / 1000)
    page.context.close()


def _peak_bytes(lab: Lab) -> int:
    told = Path(f"/proc/{lab.process.pid}/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) * 1024


def _page(browser: Browser, lab: Lab, *, keep: bool = False) -> tuple[float, Page | None]:
    """A page of the lab for somebody new, and the seconds until it had started; closed again where it is not kept."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(MILLISECONDS_MAX)
    page.add_init_script(CLOCK)
    page.goto(lab.url("lab", reset="1"))
    page.wait_for_function("() => window.ready !== undefined")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    seconds = page.evaluate("() => window.ready") / 1000
    time.sleep(1)  # What the lab does once it is there ends.
    if not keep:
        page.context.close()
        return seconds, None
    return seconds, page
