"""No full collection while a verb works, and the usual ones afterwards."""

from __future__ import annotations

import gc

import pytest

from jupyter_kit.frontends.server.collector import Collector


def test_it_is_held_back_until_the_last_has_ended() -> None:
    usual = gc.get_threshold()
    collector = Collector()
    with collector.held_back():
        with pytest.raises(ZeroDivisionError), collector.held_back():
            raise ZeroDivisionError
        full = gc.get_stats()[2]["collections"]
        kept = [[number] for number in range(300_000)]
        assert gc.get_stats()[2]["collections"] == full
    assert gc.get_threshold() == usual
    del kept
