"""LibYAML and PyYAML's own parser agree, whatever they are given; tabs and byte order marks between tokens are left to ``nodes``."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.yaml import nodes
from jupyter_kit.modelkit.yaml.reading import read_yaml

PIECES = [
    *("manifestVersion: 1.0.0\n", "package:\n", "  name: x\n", "  version: 1.0\n", "  authors: [a, b]\n", "model:\n", "  parameters:\n"),
    *(
        "    a: 1\n",
        "    b: &x {p: 1}\n",
        "    c: *x\n",
        "    <<: *x\n",
        "code:\n",
        "  - path: a\n",
        "- path: b\n",
        "  -\n",
        "# c\n",
        "---\n",
    ),
    *(
        "    description: |\n",
        "      text\n",
        "    description: >-\n",
        "\n",
        "'q'",
        '"q\\n"',
        ": ",
        "? a\n",
        " ",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "!!str ",
    ),
    *(
        "!x ",
        "&a ",
        "*a ",
        "|2\n",
        "%YAML 1.1\n",
        "\u2028",
        "\x85",
        "é",
        "0777",
        "~",
        "docs: [{path: a}]\n",
        "key",
        "@",
        "`",
        "a:b",
        "a #b",
        "#",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.booleans())
@settings(max_examples=150)
def test_both_parsers_read_alike_and_nothing_else_is_raised(text: str, inside: bool) -> None:
    document = ("model:\n  parameters:\n    z: " + text.replace("\n", "\n    ") if inside else text).encode()
    read = []
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nodes, "LOADER", loader)
            try:
                read.append(read_yaml(document))
            except InvalidInput:
                read.append(None)
    assert read[0] == read[1]
