"""A Kitfile is written in kit's form, and what is written reads back as the same Kitfile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.kitfile import Code, Docs, Kitfile, Model, ModelPart, Package, entries, from_json, to_json, with_entries
from jupyter_kit.modelkit.yaml.reading import read_yaml
from jupyter_kit.modelkit.yaml.writing import write_yaml

from ..golden import config
from ..strategies import kitfiles


def parameters(value: object) -> str:
    """What stands behind ``parameters:``."""
    written = write_yaml(Kitfile(model=Model(parameters=value))).decode()
    return written.removeprefix('manifestVersion: ""\nmodel:\n  parameters:').removesuffix("\n").removeprefix(" ")


def test_the_form_is_that_of_kit() -> None:
    assert write_yaml(from_json(config("kit-2026"))).decode() == (
        """\
manifestVersion: 1.0.0
package:
  name: tiny
  version: 0.1.0
  description: tiny sample project
  license: Apache-2.0
  authors: [A Tester]
model:
  name: tiny-model
  path: model/weights.bin
  framework: none
  version: 0.1.0
  parts:
    - name: tokenizer
      path: model/tokenizer.json
      type: tokenizer
  parameters:
    hex: 255
    lr: 0.1
code:
  - path: src
    description: training code
datasets:
  - name: train
    path: data/train
  - name: eval
    path: ./data/eval.csv
    description: eval rows
docs:
  - path: README.md
  - path: docs/
"""
    )


@pytest.mark.parametrize(
    ("kitfile", "written"),
    [
        (Kitfile(), 'manifestVersion: ""\n'),
        (Kitfile("1.0"), 'manifestVersion: "1.0"\n'),
        (Kitfile("1.0.0", model=Model()), "manifestVersion: 1.0.0\nmodel: {}\n"),
        (Kitfile("1.0.0", docs=(Docs(),), code=(Code(),)), 'manifestVersion: 1.0.0\ncode:\n  - {}\ndocs:\n  - path: ""\n'),
        (
            Kitfile("1.0.0", Package("yes", "2024-01-01", "a\nb\n")),
            'manifestVersion: 1.0.0\npackage:\n  name: "yes"\n  version: "2024-01-01"\n  description: |\n    a\n    b\n',
        ),
        (
            Kitfile("1.0.0", Package(authors=("A, B", "c\nd", "é", "1"))),
            'manifestVersion: 1.0.0\npackage:\n  authors: [\'A, B\', "c\\nd", é, "1"]\n',
        ),
        (Kitfile("1.0.0", Package("x" * 300 + " y" * 100)), f"manifestVersion: 1.0.0\npackage:\n  name: {'x' * 300 + ' y' * 100}\n"),
        (Kitfile("1.0.0", Package("a: b")), "manifestVersion: 1.0.0\npackage:\n  name: 'a: b'\n"),
        (Kitfile("1.0.0", model=Model(parts=(ModelPart("a", digest="d"),))), "manifestVersion: 1.0.0\nmodel:\n  parts:\n    - name: a\n"),
    ],
)
def test_what_is_empty_is_left_out_and_what_could_be_misread_is_quoted(kitfile: Kitfile, written: str) -> None:
    assert write_yaml(kitfile).decode() == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, "{}"),
        ([], "[]"),
        (None, ""),
        ({"b": True, "a": None}, "\n    a: null\n    b: true"),
        ([1, [2], {"x": "2"}], '\n    - 1\n    - - 2\n    - x: "2"'),
        (2**64 - 1, "18446744073709551615"),
        (1e6, "1e+06"),
        (123456.0, "123456"),
        (1234567.5, "1.2345675e+06"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-1.5e-300, "-1.5e-300"),
        (0.0, "0"),
        (-0.0, "-0.0"),
    ],
)
def test_parameters_have_the_form_of_go(value: object, written: str) -> None:
    assert parameters(value).removeprefix('manifestVersion: ""\nmodel: {}') == written


@given(kitfiles(st.just("")))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_yaml_and_json_read_back_as_they_were(kitfile: Kitfile) -> None:
    again = read_yaml(write_yaml(kitfile))
    assert again == kitfile
    assert to_json(again) == to_json(kitfile)


@given(kitfiles(st.just("")))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_both_parsers_read_it_alike(parser: str, kitfile: Kitfile) -> None:
    assert read_yaml(write_yaml(kitfile)) == kitfile


def test_digests_are_in_json_only() -> None:
    packed = from_json(config("kit-2026"))
    bare = with_entries(packed, [replace(entry, digest="", diff_id="") for _, entry in entries(packed)])
    assert read_yaml(write_yaml(packed)) == bare


def test_what_is_too_deep_to_write_is_refused() -> None:
    value: object = 1
    for _ in range(10_000):
        value = [value]
    with pytest.raises(InvalidInput, match="too deeply"):
        write_yaml(Kitfile(model=Model(parameters=value)))


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not Unicode"):
        write_yaml(Kitfile(docs=(Docs("caf\udce9.md"),)))
