"""Names that a tag may have."""

from __future__ import annotations

import pytest

from jupyter_kit.errors import InvalidInput
from jupyter_kit.store.format.tags import check_tag_name


@pytest.mark.parametrize("name", ["v1", "HEAD", "a.b-c_d", "_", "x" * 128, "abc", "BEEF", "beefy", "0.1"])
def test_names_that_are_tags(name: str) -> None:
    check_tag_name(name)


@pytest.mark.parametrize("name", ["", ".x", "-x", "a/b", "a b", "x" * 129, "beef", "0123456789", "é", "v1\n", "a\0"])
def test_names_that_are_no_tags(name: str) -> None:
    with pytest.raises(InvalidInput) as told:
        check_tag_name(name)
    assert told.value.hint
