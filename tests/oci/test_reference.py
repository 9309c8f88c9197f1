from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.reference import Reference, check_tag, parse_layout_reference, parse_reference, parse_references

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my-model", Reference("localhost", "my-model")),
        ("my-model:v1", Reference("localhost", "my-model", "v1")),
        ("team/my-model:v1", Reference("localhost", "team/my-model", "v1")),
        ("localhost/foo:1", Reference("localhost", "localhost/foo", "1")),  # kit's own reading: no dot, no colon, so no registry
        ("localhost:5000/foo:1", Reference("localhost:5000", "foo", "1")),
        ("ghcr.io/team/model:v1.0_a-b", Reference("ghcr.io", "team/model", "v1.0_a-b")),
        ("[::1]:5000/foo", Reference("[::1]:5000", "foo")),
        (DIGEST, Reference("localhost", "_", digest=DIGEST)),
        (f"ghcr.io/team/model@{DIGEST}", Reference("ghcr.io", "team/model", digest=DIGEST)),
        (f"ghcr.io/team/model:v1@{DIGEST}", Reference("ghcr.io", "team/model", digest=DIGEST)),
    ],
)
def test_references_are_read_as_kit_reads_them(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", ":", "@", "Upper:1", "a:", "a:.b", "a:" + "t" * 129, "a b", "a/../b", "/a", "a//b", "a/", "ghcr.io/",
     "http://ghcr.io/a", "a@sha256:12",
     "a.b/_:1", "ghcr.io:x/a", "a:b:c", "a,b", "a" * 256, "a\n", "a:v1\n", "sha256:" + "G" * 64],
)  # fmt: skip
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_reference(text)


def test_kit_shows_local_references_without_the_registry() -> None:
    assert str(parse_reference("my-model:v1")) == "my-model:v1"
    assert str(parse_reference("ghcr.io/a:v1")) == "ghcr.io/a:v1"
    assert str(parse_reference(f"ghcr.io/a:v1@{DIGEST}")) == f"ghcr.io/a@{DIGEST}"
    assert str(Reference("localhost", "_")) == "<none>"


def test_a_missing_tag_is_filled_in_only_where_there_is_neither_tag_nor_digest() -> None:
    assert parse_reference("a").tagged().tag == "latest"
    assert parse_reference("a:v1").tagged().tag == "v1"
    assert parse_reference(f"a@{DIGEST}").tagged().tag is None


def test_several_tags_share_the_repository() -> None:
    assert [str(reference) for reference in parse_references("ghcr.io/a:v1,v2,latest")] == [
        "ghcr.io/a:v1",
        "ghcr.io/a:v2",
        "ghcr.io/a:latest",
    ]
    assert parse_references("foo:a,b")[1] == Reference("localhost", "foo", "b")
    for text in ("a,b", "a:v1,", "a:v1,b/c", f"a@{DIGEST},b"):
        with pytest.raises(InvalidInput):
            parse_references(text)


@pytest.mark.parametrize(
    ("text", "path", "tag"),
    [
        ("oci:out", "out", None),
        ("oci:out:v1", "out", "v1"),
        ("oci:/a/b:v1", "/a/b", "v1"),
        ("oci:C:\\o", "C:\\o", None),
        ("oci:a:b/c", "a:b/c", None),
    ],
)
def test_a_layout_is_a_path_and_perhaps_a_tag(text: str, path: str, tag: str | None) -> None:
    reference = parse_layout_reference(text)
    assert (reference.path, reference.tag) == (path, tag)
    assert str(reference) == text


@pytest.mark.parametrize("text", ["oci:", "out:v1"])
def test_a_layout_needs_its_prefix_and_a_path(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_layout_reference(text)


_component = st.from_regex(r"[a-z0-9]+(?:(?:[._]|__|-{1,3})[a-z0-9]+){0,2}", fullmatch=True)
_repository = st.lists(_component, min_size=1, max_size=3).map("/".join)
_tag = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=20)
_references = st.builds(
    Reference,
    st.sampled_from(["ghcr.io", "localhost:5000", "127.0.0.1:80", "Registry.Example"]),
    _repository,
    st.none() | _tag,
) | st.builds(Reference, st.just("ghcr.io"), _repository, st.none(), st.just(DIGEST))


@given(_references)
def test_a_reference_reads_back_from_its_text(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidInput:
        return
    assert reference.repository


@pytest.mark.parametrize("tag", ["v1", "_", "a" * 128, "1.0-rc.1"])
def test_a_tag_passes(tag: str) -> None:
    assert check_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", "-v1", ".v1", "a" * 129, "a b", "a/b", "ü", "a\n"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInput, match="is not a tag"):
        check_tag(tag)
