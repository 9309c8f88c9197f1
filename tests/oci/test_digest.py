from __future__ import annotations

import hashlib

import pytest

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.oci.digest import check_digest, digest_of, verified

DATA = b"hello\n"


def test_a_digest_names_its_algorithm() -> None:
    assert digest_of(DATA) == "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256:",
        "sha256:" + "a" * 63,
        "sha256:" + "A" * 64,
        "md5:" + "a" * 32,
        "a" * 64,
        "sha512:" + "a" * 64,
        "sha256:" + "a" * 64 + "\n",
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_digest(text)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_content_that_is_what_it_should_be_passes(algorithm: str) -> None:
    digest = f"{algorithm}:{hashlib.new(algorithm, DATA).hexdigest()}"
    assert b"".join(verified(digest, len(DATA), [DATA[:2], memoryview(DATA)[2:]], "it")) == DATA


@pytest.mark.parametrize("content", [b"hello", b"hello\n\n", b"jello\n", b""])
def test_short_long_and_other_content_does_not(content: bytes) -> None:
    with pytest.raises(ContentCorrupt, match="The layer"):
        list(verified(digest_of(DATA), len(DATA), [content], "The layer"))


def test_nothing_beyond_the_promised_size_is_handed_on() -> None:
    pieces = verified(digest_of(DATA), len(DATA), iter([DATA, b"more", b"and more"]), "it")
    assert next(pieces) == DATA
    with pytest.raises(ContentCorrupt):
        next(pieces)
