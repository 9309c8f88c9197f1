"""Progress in a terminal and in a notebook, by a clock that the test moves."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from jupyter_kit.frontends.render.progress import (
    NOTEBOOK_SECONDS,
    QUIET_SECONDS,
    TERMINAL_SECONDS,
    Meter,
    NotebookProgress,
    TerminalProgress,
)
from jupyter_kit.progress import phase
from tests.frontends.samples import HOSTILE


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Output:
    """A cell's output: every bundle that was shown in it, in order."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Output:
        assert raw
        assert display_id
        self.update(bundle, raw=raw)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(bundle)


def test_meters_tell_amount_rate_and_time_left() -> None:
    meter = Meter("Reading files", 3_400_000_000, "bytes", 100.0)
    meter.done = 1_200_000_000
    assert meter.words(101.5) == "1.20 GB of 3.40 GB, 800 MB/s, 3 s left"
    assert "left" not in meter.words(100.5), "the first moments promise nothing"
    meter.done = 3_400_000_000
    assert meter.words(104.0) == "3.40 GB of 3.40 GB, 850 MB/s"


def test_meters_without_a_total_tell_what_they_know() -> None:
    meter = Meter("Looking at files", None, "files", 100.0)
    meter.done = 1_204
    assert meter.share is None
    assert meter.words(101.0) == "1,204 files"


def test_meters_stay_sane_where_a_file_grew_or_nothing_is_done() -> None:
    grown = Meter("Reading", 10, "bytes", 100.0)
    grown.done = 25
    assert grown.share == 1
    assert grown.words(101.0) == "10 B of 10 B, 25 B/s"
    fresh = Meter("Reading", 10, "bytes", 100.0)
    assert fresh.words(100.0) == "0 B of 10 B"
    empty = Meter("Reading", 0, "bytes", 100.0)
    assert empty.share is None


def test_quick_work_draws_nothing() -> None:
    clock, stream, output = Clock(), io.StringIO(), Output()
    for progress in (TerminalProgress(stream, clock), NotebookProgress(output.display, clock)):
        with phase(progress, "Reading", total=10):
            clock.now += QUIET_SECONDS / 2
            progress.advance(10)
        clock.now = 100.0
    assert stream.getvalue() == ""
    assert output.shown == []


def test_a_terminal_shows_one_line_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    clock, stream = Clock(), io.StringIO()
    progress = TerminalProgress(stream, clock)
    with phase(progress, "Reading", total=100):
        for _ in range(100):
            clock.now += 0.05
            progress.advance(1)
    drawings = stream.getvalue().split("\r")[1:]
    assert drawings[-1] == "\x1b[J"
    assert all(drawing.endswith("\x1b[J") for drawing in drawings)
    assert len(drawings) <= 5 / TERMINAL_SECONDS
    assert re.fullmatch(r"Reading  ━+─+  \d+ B of 100 B, \d+ B/s, \d s left\x1b\[J", drawings[12])
    assert max(map(len, drawings)) < 80 + len("\x1b[J")


def test_a_narrow_terminal_gets_no_second_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    clock, stream = Clock(), io.StringIO()
    progress = TerminalProgress(stream, clock)
    progress.begin("Reading files", total=100)
    clock.now += 1
    progress.advance(50)
    assert len(stream.getvalue().strip("\r").removesuffix("\x1b[J")) <= 19


def test_a_notebook_updates_one_output_four_times_a_second_and_leaves_it_empty() -> None:
    clock, output = Clock(), Output()
    progress = NotebookProgress(output.display, clock)
    with phase(progress, "Reading", total=100):
        for _ in range(100):
            clock.now += 0.05
            progress.advance(1)
    assert 10 <= len(output.shown) - 1 <= 5 / NOTEBOOK_SECONDS
    assert output.shown[-1] == {}
    bar = output.shown[3]
    assert re.fullmatch(r"Reading: \d+ B of 100 B, \d+ B/s, \d s left", bar["text/plain"])
    assert '<progress value="0.' in bar["text/html"]


def test_each_blob_that_moves_has_a_bar_below_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    clock, stream, output = Clock(), io.StringIO(), Output()
    for progress in (TerminalProgress(stream, clock), NotebookProgress(output.display, clock)):
        with phase(progress, "Copying", total=400):
            progress.advance(100, path="done", of=100)
            progress.advance(50, path="half", of=100)
            clock.now += 1
            progress.advance(20, path="<b>", of=200)
    lines = stream.getvalue().split("\x1b[J\x1b[2A")[0].split("\x1b[K\n")
    assert lines == [
        "\rCopying  " + "━" * 10 + "─" * 14 + "  170 B of 400 B, 170 B/s, 1 s left",
        "  " + "━" * 12 + "─" * 12 + "  half  50 B of 100 B",
        "  " + "━" * 2 + "─" * 22 + "  <b>  20 B of 200 B",
    ]
    assert stream.getvalue().endswith("\x1b[2A\r\x1b[J")
    assert output.shown[-2]["text/html"].endswith(
        '<div><progress value="0.5000"></progress> half  50 B of 100 B</div>'
        '<div><progress value="0.1000"></progress> &lt;b&gt;  20 B of 200 B</div>'
        "<div><small>To stop, interrupt the kernel.</small></div>"
    )


def test_a_blob_that_is_all_there_is_has_one_bar() -> None:
    meter = Meter("Copying", 100, "bytes", 100.0)
    meter.add(50, "only", 100)
    assert (meter.done, meter.parts()) == (50, [])


def test_several_phases_share_an_output() -> None:
    clock, output = Clock(), Output()
    displays: list[Any] = []

    def display(bundle: dict[str, str], **options: bool) -> Output:
        displays.append(bundle)
        return output.display(bundle, **options)

    progress = NotebookProgress(display, clock)
    for name in ("Reading", "Writing"):
        with phase(progress, name, unit="files"):
            clock.now += 1
            progress.advance(1)
    assert len(displays) == 1
    assert [bundle.get("text/plain", "") for bundle in output.shown] == ["Reading: 1 file", "", "Writing: 1 file", ""]
    assert "<progress></progress>" in output.shown[0]["text/html"]


def test_a_drawing_goes_away_where_the_work_fails() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = TerminalProgress(stream, clock)

    def work() -> None:
        with phase(progress, "Reading"):
            clock.now += 1
            progress.advance(1)
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        work()
    assert stream.getvalue().endswith("\r\x1b[J")
    progress.advance(1)  # Outside any phase there is nothing to draw.
    assert stream.getvalue().endswith("\r\x1b[J")


def test_phases_are_escaped() -> None:
    clock, output, stream = Clock(), Output(), io.StringIO()
    for progress in (NotebookProgress(output.display, clock), TerminalProgress(stream, clock)):
        progress.begin(HOSTILE)
        clock.now += 1
        progress.advance(1)
    assert "<script>" not in output.shown[0]["text/html"]
    assert "\x07" not in stream.getvalue()
