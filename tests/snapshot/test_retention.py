"""Which snapshots stay: a decision about values."""

from __future__ import annotations

from jupyter_kit.snapshot.retention import Rules, kept
from jupyter_kit.snapshot.snapshot import Snapshot, SnapshotKind, unreadable


def snapshot(number: int, kind: SnapshotKind = "manual") -> Snapshot:
    return Snapshot(f"{number:064x}", f"2026-01-{number + 1:02}T12:00:00.000000Z", "ada", "", kind, (), (), "w", "ab" * 32, 0, 0)


def staying(history: list[Snapshot], rules: Rules, tags: dict[str, str] | None = None) -> dict[int, str]:
    return {int(keep.snapshot, 16): ", ".join(keep.reasons) for keep in kept(history, tags or {}, rules)}


def test_rules_for_one_kind_leave_all_others_alone() -> None:
    kinds: list[SnapshotKind] = ["manual", "auto", "auto", "safety", "auto", "manual"]
    history = [snapshot(number, kind) for number, kind in enumerate(kinds)]
    found = staying(history, Rules(last=1, kind="auto"))
    assert found == {5: "is manual", 4: "last 1", 3: "is safety", 0: "is manual"}
    assert set(staying(history, Rules(last=1))) == {5}


def test_one_whose_record_is_damaged_goes_by_its_time_and_stays_where_its_kind_matters() -> None:
    history = [snapshot(0, "auto"), unreadable(f"{1:064x}", "2026-01-02T12:00:00.000000Z"), snapshot(2, "auto")]
    assert set(staying(history, Rules(last=1))) == {2}
    assert set(staying(history, Rules(daily=2))) == {1, 2}
    assert staying(history, Rules(last=1, kind="auto")) == {1: "is damaged, so its kind is not known", 2: "last 1"}
    assert 1 in staying(history, Rules(last=1, kind="manual"))


def test_a_tag_keeps_what_it_names_whatever_its_kind() -> None:
    history = [snapshot(number, "auto") for number in range(4)]
    tags = {"v1": history[0].id, "HEAD": history[3].id}
    assert staying(history, Rules(last=1, kind="auto"), tags) == {3: "HEAD, last 1", 0: "tag v1"}
    assert staying(history, Rules(last=1, kind="auto", tagged=False), tags) == {3: "HEAD, last 1"}


def test_without_a_number_everything_stays() -> None:
    history = [snapshot(number, "auto") for number in range(3)]
    assert staying(history, Rules(kind="auto")) == dict.fromkeys((2, 1, 0), "no rule lets it go")


def test_the_last_of_each_day_and_hour_stay() -> None:
    history = [snapshot(number, "auto") for number in range(5)]
    assert set(staying(history, Rules(daily=3, kind="auto"))) == {2, 3, 4}
    assert set(staying(history, Rules(hourly=2, kind="auto"))) == {3, 4}
