"""The values of a Kitfile and their JSON, against configs that kit itself wrote."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.modelkit.kitfile import (
    KITFILE_BYTES_MAX,
    Code,
    Dataset,
    Docs,
    Kitfile,
    McpServer,
    Model,
    ModelPart,
    Package,
    Prompt,
    entries,
    find_kitfile,
    from_json,
    to_json,
    with_entries,
)

from .golden import GENERATIONS, config
from .strategies import kitfiles

EVERYTHING = Kitfile(
    "1.0.0",
    Package("n", "v", "d", "l", ("a", "b")),
    Model("n", "p", "l", "fw", "fo", "v", "d", (ModelPart("n", "p", "l", "t", "1", "2"),), {"b": [1], "a": None}, "1", "2"),
    (Code("p", "d", "l", "1", "2"),),
    (Dataset("n", "p", "s3://b/k", "etag", "d", "l", 0, "1", "2"),),
    (Docs("p", "d", "1", "2"),),
    (Prompt("n", "p", "d", "1", "2"),),
    (McpServer("n", "p", "d", "1", "2"),),
)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_config_of_kit_is_written_back_byte_for_byte(generation: str) -> None:
    assert to_json(from_json(config(generation))) == config(generation)


def test_every_field_has_its_place() -> None:
    layer = '"digest":"1","diffId":"2"}'
    assert to_json(EVERYTHING).decode() == (
        '{"manifestVersion":"1.0.0","package":{"name":"n","version":"v","description":"d","license":"l","authors":["a","b"]},'
        '"model":{"name":"n","path":"p","license":"l","framework":"fw","format":"fo","version":"v","description":"d",'
        f'"parts":[{{"name":"n","path":"p","license":"l","type":"t",{layer}],"parameters":{{"a":null,"b":[1]}},{layer},'
        f'"code":[{{"path":"p","description":"d","license":"l",{layer}],'
        f'"datasets":[{{"name":"n","path":"p","remotePath":"s3://b/k","remoteHash":"etag","description":"d","license":"l","parameters":0,{layer}],'
        f'"docs":[{{"path":"p","description":"d",{layer}],'
        f'"prompts":[{{"name":"n","path":"p","description":"d",{layer}],'
        f'"mcpServers":[{{"name":"n","path":"p","description":"d",{layer}]}}'
    )


@pytest.mark.parametrize(
    ("kitfile", "written"),
    [
        (Kitfile(), '{"manifestVersion":"","package":{}}'),
        (Kitfile(model=Model()), '{"manifestVersion":"","package":{},"model":{}}'),
        (Kitfile(model=Model(parameters={})), '{"manifestVersion":"","package":{},"model":{"parameters":{}}}'),
        (Kitfile(model=Model(parameters="")), '{"manifestVersion":"","package":{},"model":{"parameters":""}}'),
        (Kitfile(code=(Code(),), docs=(Docs(),)), '{"manifestVersion":"","package":{},"code":[{}],"docs":[{"path":""}]}'),
        (Kitfile(model=Model(path="./model<1>")), '{"manifestVersion":"","package":{},"model":{"path":"./model\\u003c1\\u003e"}}'),
        (
            Kitfile(datasets=(Dataset(parameters={"b": 1.0, "a": {"é": 1e-7, "z": 1200.0}}),)),
            '{"manifestVersion":"","package":{},"datasets":[{"parameters":{"a":{"z":1200,"é":1e-7},"b":1}}]}',
        ),
    ],
)
def test_what_is_empty_is_left_out_where_kit_does(kitfile: Kitfile, written: str) -> None:
    assert to_json(kitfile).decode() == written


@given(kitfiles(st.sampled_from(["", "sha256:" + "0" * 64])))
@settings(max_examples=60)
def test_json_reads_back_as_it_was(kitfile: Kitfile) -> None:
    document = to_json(kitfile)
    assert from_json(document) == kitfile
    assert to_json(from_json(document)) == document


def test_keys_of_the_future_are_skipped() -> None:
    assert from_json(b'{"manifestVersion":"1.0.0","future":[1],"code":[{"path":"a","x":{}}]}') == Kitfile("1.0.0", code=(Code("a"),))


@pytest.mark.parametrize("number", ["0", "-0", "-1", "0.1", "1e+21", "18446744073709551615", "1e-7", "123456789012345680000"])
def test_a_number_is_written_back_as_it_was(number: str) -> None:
    document = f'{{"manifestVersion":"","package":{{}},"model":{{"parameters":[{number}]}}}}'.encode()
    assert to_json(from_json(document)) == document


def test_null_is_nothing() -> None:
    assert from_json(b'{"manifestVersion":null,"package":null,"model":null,"code":null}') == Kitfile()


def test_numbers_that_go_would_read_as_floats_do_not_grow_without_end() -> None:
    kitfile = from_json(b'{"model":{"parameters":[%d, %d, %s]}}' % (2**64 - 1, 2**64, b"9" * 300))
    assert kitfile.model
    assert kitfile.model.parameters == [2**64 - 1, float(2**64), 1e300]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "Expecting value"),
        (b"[]", "it is no object"),
        (b"\xff", "utf-8"),
        (b'{"model":[]}', "model is no object"),
        (b'{"model":{"parts":[1]}}', r"model\.parts\[0\] is no object"),
        (b'{"code":{}}', "code is no array"),
        (b'{"code":[{"path":1}]}', r"code\[0\]\.path is no text"),
        (b'{"package":{"authors":"me"}}', r"package\.authors is no array"),
        (b'{"model":{"parameters":NaN}}', "NaN"),
        (b'{"model":{"parameters":1e999}}', "1e999"),
        (b'{"model":{"parameters":%s}}' % (b"9" * 5000), "999"),
        (b'{"model":{"path":"\\ud800"}}', "surrogates"),
        (b'{"model":{"parameters":%s}}' % (b"[" * 100_000), "recursion"),
        (b'{"model":{"path":"%s"}}' % (b"x" * KITFILE_BYTES_MAX), "bytes"),
    ],
)
def test_a_config_that_is_no_kitfile_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(ContentCorrupt, match=reason):
        from_json(document)


@pytest.mark.parametrize("parameters", [float("nan"), {"a": [float("inf")]}, {1: 2}, [{None: 1}], 2**64])
def test_parameters_that_json_cannot_hold_are_refused(parameters: object) -> None:
    with pytest.raises(InvalidInput):
        to_json(Kitfile(model=Model(parameters=parameters)))


def test_entries_stand_in_the_order_of_layers_under_their_names() -> None:
    twice = replace(EVERYTHING, code=EVERYTHING.code * 2)
    assert [name for name, _ in entries(twice)] == [
        *("model", "model.parts[0]", "code[0]", "code[1]", "datasets[0]", "docs[0]", "prompts[0]", "mcpServers[0]")
    ]


@pytest.mark.parametrize("kitfile", [EVERYTHING, Kitfile(), Kitfile(docs=(Docs("a"), Docs("b")))])
def test_entries_can_be_exchanged_for_others(kitfile: Kitfile) -> None:
    changed = with_entries(kitfile, [replace(entry, digest=name, diff_id="x") for name, entry in entries(kitfile)])
    assert [(entry.digest, entry.diff_id) for _, entry in entries(changed)] == [(name, "x") for name, _ in entries(kitfile)]
    assert with_entries(changed, [entry for _, entry in entries(kitfile)]) == kitfile


def test_parameters_are_sorted_in_the_document_and_stay_as_they_are_in_the_value() -> None:
    model = EVERYTHING.model
    assert model
    to_json(EVERYTHING)
    assert list(json.loads(json.dumps(model.parameters))) == ["b", "a"]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["kitfile", "Kitfile", "a"], "Kitfile"),
        ([".kitfile", "kitfile"], "kitfile"),
        ([".kitfile", "a/Kitfile"], ".kitfile"),
        (["a/Kitfile", "KITFILE"], None),
    ],
)
def test_the_file_is_found_under_the_names_that_kit_looks_for(paths: list[str], found: str | None) -> None:
    assert find_kitfile(paths) == found
