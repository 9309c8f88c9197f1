"""Work that a click began: who hears of its end, and what stops it."""

from __future__ import annotations

import threading
import time
from itertools import count
from typing import Any

import pytest
from ipywidgets import Button

from jupyter_kit.errors import Cancelled
from jupyter_kit.frontends.render.progress import QUIET_SECONDS
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.progress import Progress

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def heard() -> list[Any]:
    """What was told, answers and errors alike."""
    return []


def endless(progress: Progress) -> None:
    """Copies for ever."""
    progress.begin("Copying")
    for _ in count():
        progress.advance(1)


def test_work_ends_with_its_answer_and_the_button_works_again(heard: list[Any]) -> None:
    work, button = Work(), Button()
    seen: list[bool] = []
    work.start(lambda _: seen.append(button.disabled) or 42, heard.append, heard.append, locked=[button])
    work.wait()
    assert (heard, seen, button.disabled) == ([42], [True], False)


def test_cancel_stops_it_at_its_next_step(heard: list[Any]) -> None:
    work, button = Work(), Button()
    work.start(endless, heard.append, heard.append, locked=[button])
    work.box.children[1].click()
    work.wait()
    (problem,) = heard
    assert isinstance(problem, Cancelled)
    assert not button.disabled
    assert work.box.layout.display == "none"
    work.cancel()  # What is over cannot be stopped.


def test_nobody_hears_of_what_was_replaced(heard: list[Any]) -> None:
    work, released = Work(), threading.Event()
    work.start(lambda _: released.wait() and "old", heard.append, heard.append)
    old = threading.enumerate()[-1]
    work.start(lambda _: "new", heard.append, heard.append)
    work.wait()
    released.set()
    old.join()
    assert heard == ["new"]


def test_nobody_hears_of_what_was_dropped(heard: list[Any]) -> None:
    work = Work()
    work.start(endless, heard.append, heard.append)
    running = threading.enumerate()[-1]
    work.drop()
    running.join()
    work.wait()
    assert heard == []


def test_how_far_it_is_is_shown_and_goes_away(heard: list[Any]) -> None:
    work = Work()
    words, cancel = work.box.children

    def slow(progress: Progress) -> tuple[str, str, bool]:
        progress.begin(HOSTILE, total=100)
        time.sleep(QUIET_SECONDS)
        progress.advance(50)
        return str(words.value), str(work.box.layout.display), bool(cancel.disabled)

    work.start(slow, heard.append, heard.append)
    work.wait()
    ((html, display, disabled),) = heard
    assert '<progress value="0.5000">' in html
    assert "<img" not in html
    assert (display, disabled) == ("flex", False)
    assert (words.value, work.box.layout.display) == ("", "none")


def test_an_answer_that_cannot_be_shown_is_told_as_an_error(heard: list[Any]) -> None:
    work = Work()
    work.start(lambda _: 0, lambda zero: heard.append(1 / zero), heard.append)
    work.wait()
    assert isinstance(heard[0], ZeroDivisionError)
