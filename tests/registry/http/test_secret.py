"""What must not be shown is not shown."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.registry.http.secret import TEXT_LENGTH_MAX, Secret, redact

PASSWORD = "hunter2-of-ada"


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{:>30}".format,
        "%s".__mod__,
        "%r".__mod__,
        lambda secret: repr(Holder(secret)),
        lambda secret: repr([secret]),
    ],
)
def test_a_secret_shows_in_no_text(show: object) -> None:
    assert callable(show)
    assert PASSWORD not in show(Secret(PASSWORD))


def test_pickles_and_copies_hold_nothing() -> None:
    secret = Secret(PASSWORD)
    assert PASSWORD.encode() not in pickle.dumps(secret)
    assert not pickle.loads(pickle.dumps(secret)).reveal()
    assert not copy.deepcopy(secret).reveal()
    assert not asdict(Holder(secret))["secret"].reveal()


def test_secrets_are_equal_by_their_text() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


@pytest.mark.parametrize(
    "text",
    [
        "Max retries exceeded with url: /v2/x/blobs/uploads/1?_state=S3CRET-of-one&digest=sha256:00 (Caused by",
        "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=S3CRET",
        "https://ada:S3CRET@proxy:3128/",
        "Authorization: Bearer S3CRETS3CRET",
        "Basic S3CRETS3CRET==",
        '{"token": "S3CRET", "expires_in": 3}',
        "{'refresh_token': 'S3CRET'}",
        "password=S3CRET",
        "X-Amz-Security-Token: S3CRET",
        "sig=S3CRET&se=2026",
    ],
)
def test_foreign_texts_are_cleaned(text: str) -> None:
    assert "S3CRET" not in redact(text)


@given(st.text(max_size=400))
def test_what_is_cleaned_cannot_move_a_cursor_or_flood_a_screen(text: str) -> None:
    cleaned = redact(text)
    assert len(cleaned) <= TEXT_LENGTH_MAX + 1
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in cleaned)


def test_harmless_texts_stay() -> None:
    assert redact("blob unknown to registry: sha256:0123 in team/model (is it there?)") == (
        "blob unknown to registry: sha256:0123 in team/model (is it there?)"
    )
