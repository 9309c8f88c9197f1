"""A Kitfile is read as kit reads it, and refused, with every line named, where kit would refuse it or lose something."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from hashlib import sha256

import pytest

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.modelkit.kitfile import (
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
    from_json,
    to_json,
    with_entries,
)
from jupyter_kit.modelkit.yaml import nodes
from jupyter_kit.modelkit.yaml.nodes import DEPTH_MAX, NODES_MAX
from jupyter_kit.modelkit.yaml.reading import read_yaml

from .. import golden

pytestmark = pytest.mark.usefixtures("parser")


def parameters(source: str) -> str:
    """The JSON that a Kitfile with these parameters becomes."""
    config = to_json(read_yaml(b"model:\n  parameters: " + source.encode())).decode()
    return config.removeprefix('{"manifestVersion":"","package":{},"model":{"parameters":').removesuffix("}}")


def refused(document: bytes) -> list[str]:
    """The lines of the message that refuses a document."""
    with pytest.raises(InvalidInput) as caught:
        read_yaml(document, "folder/Kitfile")
    assert caught.value.kind is Kind.INVALID_KITFILE
    assert caught.value.path == "folder/Kitfile"
    first, *lines = caught.value.message.split("\n")
    if not lines:
        return [first.removeprefix("folder/Kitfile").lstrip(",: ")]
    assert first == f"folder/Kitfile has {len(lines)} errors:"
    return [line.removeprefix("  * ") for line in lines]


@pytest.mark.parametrize("name", [*golden.GENERATIONS, "kit-2026-gzip"])
def test_the_kitfile_that_kit_packed_gives_the_config_that_kit_wrote(name: str) -> None:
    kitfile = read_yaml(golden.kitfile_of_the_project())
    pairs = [(layer, gzip.decompress(layer) if name.endswith("gzip") else layer) for layer in golden.layers(name)]
    digests = [(f"sha256:{sha256(stored).hexdigest()}", f"sha256:{sha256(plain).hexdigest()}") for stored, plain in pairs]
    filled = [replace(entry, digest=digest, diff_id=diff) for (_, entry), (digest, diff) in zip(entries(kitfile), digests, strict=True)]
    assert to_json(with_entries(kitfile, filled)) == golden.config(name)


def test_a_modelpack_carries_the_same_kitfile() -> None:
    annotation = json.loads(golden.manifest("kit-2026-modelpack"))["annotations"]["ml.kitops.modelkit.kitfile"]
    assert from_json(annotation.encode()) == from_json(golden.config("kit-2026"))


def test_every_field_is_read() -> None:
    document = b"""
manifestVersion: 1.0
package: {name: n, version: 0x1F, description: yes, license: MIT, authors: [a, 1, 2024-01-01]}
model:
  name: n
  path: ./model
  license: l
  framework: fw
  format: fo
  version: 1.10
  description: |
    two
    lines
  parts: [{name: n, path: p, license: l, type: lora}]
  parameters: {a: [1, null]}
code: [{path: p, description: d, license: l}]
datasets:
  - {name: n, path: p, remotePath: s3://b/k, remoteHash: 0777, description: d, license: l, parameters: 0}
docs: [{path: p, description: d}, {}]
prompts: [{name: n, path: p, description: d}]
mcpServers: [{name: n, path: p, description: d}]
"""
    assert read_yaml(document) == Kitfile(
        "1.0",
        Package("n", "0x1F", "yes", "MIT", ("a", "1", "2024-01-01")),
        Model("n", "./model", "l", "fw", "fo", "1.10", "two\nlines\n", (ModelPart("n", "p", "l", "lora"),), {"a": [1, None]}),
        (Code("p", "d", "l"),),
        (Dataset("n", "p", "s3://b/k", "0777", "d", "l", 0),),
        (Docs("p", "d"), Docs()),
        (Prompt("n", "p", "d"),),
        (McpServer("n", "p", "d"),),
    )


@pytest.mark.parametrize(
    "document", [b"package:\nmodel:\ncode: ~\n", b"package: {name: null, authors: }\n", b"{}", b"\xef\xbb\xbf{}", b"!!map {}"]
)
def test_what_has_no_value_is_absent(document: bytes) -> None:
    assert read_yaml(document) == Kitfile()


def test_a_model_without_fields_is_one() -> None:
    assert read_yaml(b"model: {}") == Kitfile(model=Model())


def test_only_the_first_document_is_read() -> None:
    assert read_yaml(b"manifestVersion: 1.0.0\n---\nnonsense: [\n") == Kitfile("1.0.0")


@pytest.mark.parametrize(
    ("source", "json"),
    [
        ("{hex: 0xFF, lr: 0.1, n: 1_0, oct: [0777, 0o777], bin: 0b11}", '{"bin":3,"hex":255,"lr":0.1,"n":10,"oct":[511,511]}'),
        ("{y: yes, on: on, t: true, s: 'true', z: ~}", '{"on":"on","s":"true","t":true,"y":"yes","z":null}'),
        ("{d: 2024-01-01, q: '2024-01-01'}", '{"d":"2024-01-01T00:00:00Z","q":"2024-01-01"}'),
        ("{e: 1.2e+3, w: 1.0, big: 1e21}", '{"big":1e+21,"e":1200,"w":1}'),
        ("{'1': a, !!str 2: b, ~x: c}", '{"1":"a","2":"b","~x":"c"}'),
        ("!!seq [1, {a: [[]]}]", '[1,{"a":[[]]}]'),
        ("text", '"text"'),
        ("''", '""'),
        ("0", "0"),
        ("false", "false"),
        ("! 12", "12"),
        ("!!binary aGk=", '"hi"'),
        ("{a: &x {p: 1}, b: *x, c: [*x, *x]}", '{"a":{"p":1},"b":{"p":1},"c":[{"p":1},{"p":1}]}'),
        ("{a: &x {p: 1, q: 1}, b: {<<: *x, q: 2}}", '{"a":{"p":1,"q":1},"b":{"p":1,"q":2}}'),
        ("{b: {q: 2, <<: [{q: 3, r: 4}, {r: 5, s: 6}]}}", '{"b":{"q":2,"r":4,"s":6}}'),
        ("{a: {<<: {<<: {x: 1}, y: 2}}}", '{"a":{"x":1,"y":2}}'),
        ("{'<<': 1, x: <<}", r'{"\u003c\u003c":1,"x":"\u003c\u003c"}'),
    ],
)
def test_parameters_become_the_json_of_kit(source: str, json: str) -> None:
    assert parameters(source) == json


def test_entries_can_be_merged_too() -> None:
    document = b"code:\n  - &first {path: a, license: MIT}\n  - {<<: *first, path: b}\n"
    assert read_yaml(document).code == (Code("a", license="MIT"), Code("b", license="MIT"))


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_lines() -> None:
    document = b"""manifestversion: 1.0.0
package: [a]
code:
  - pth: x
  -
  - path: [a]
    path: b
docs: {path: x}
model:
  digest: sha256:00
  parameters:
    rate: .nan
    1: a
    2024-01-01: b
    [c]: d
    call: !!python/object/apply:os.system [reboot]
    <<: 5
"""
    fields = "there are path, description, license"
    assert refused(document)[0].startswith("line 1: manifestversion is no field; there are manifestVersion, package, model, ")
    assert refused(document)[1:] == [
        "line 2: package is no mapping of fields.",
        f"line 4: code[0].pth is no field; {fields}.",
        "line 5: code[1] is empty.",
        "line 6: code[2].path is a list, where text belongs.",
        "line 7: code[2].path is there already, in line 6.",
        "line 8: docs is no list.",
        "line 10: model.digest is no field; there are name, path, license, framework, format, version, description, parts, parameters.",
        "line 12: model.parameters.rate is .nan, a number that JSON cannot hold.",
        "line 13: model.parameters has the key 1, which is no text; put it in quotes.",
        "line 14: model.parameters has the key 2024-01-01, which is no text; put it in quotes.",
        "line 15: model.parameters has the key a list, which is no text; put it in quotes.",
        "line 16: model.parameters.call has the tag !!python/object/apply:os.system, which means nothing in a Kitfile.",
        "line 17: model.parameters merges (<<) what is no mapping.",
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "is empty."),
        (b"# nothing\n", "is empty."),
        (b"---\n", "line 2: is no mapping of fields."),
        (b"- a", "line 1: is no mapping of fields."),
        (b"name", "line 1: is no mapping of fields."),
        (b"\xff", "line 1: is not UTF-8 text."),
        (b"a: b\nc: \xc3\x28", "line 2: is not UTF-8 text."),
        (b"a: b\n\x00", "line 2: has the control character U+0000."),
        (b"manifestVersion: \x1b[31m", "line 1: has the control character U+001B."),
        (b'package: {name: a, "name": b}', "line 1: package.name is there already, in line 1."),
        (b"package: {name: !!int x}", "line 1: package.name is no int, as its tag says."),
        (b"package: {name: !secret x}", "line 1: package.name has the tag !secret, which means nothing in a Kitfile."),
        (b"code: !!set []", "line 1: code has the tag !!set, which means nothing in a Kitfile."),
        (b"package: !!omap {}", "line 1: package has the tag !!omap, which means nothing in a Kitfile."),
        (b"model: &a\n  parameters: {x: *a}", "line 2: has an alias *a inside of what it stands for."),
        (b"model: {name: *z}", "line 1: has an alias *z of nothing above."),
        (b"model: {parameters: {<<: {a: 1}, <<: {b: 1}}}", "line 1: model.parameters has two merge keys <<."),
        (b'package: {"na\\eme": x}', "line 1: package.na\ufffdme is no field; there are name, version, description, license, authors."),
        (
            b"{%s}" % (b"x" * 200),
            f"line 1: {'x' * 80}… is no field; there are manifestVersion, package, model, code, datasets, docs, prompts, mcpServers.",
        ),
    ],
)
def test_what_kit_would_refuse_or_lose_is_refused(document: bytes, message: str) -> None:
    assert refused(document) == [message]


@pytest.mark.parametrize(
    "document",
    [b"package:\n\tname: x\n", b"package: {name: x\n", b"a: b: c", b"'a", b"%FOO\n%BAR", b"package: @x", b'package: {name: "\\uD800"}'],
)
def test_what_is_no_yaml_is_refused_with_its_line(document: bytes) -> None:
    (message,) = refused(document)
    assert "is not YAML: " in message
    assert message.startswith("line ")


def bomb(levels: int) -> bytes:
    """Ten times as many values with each level."""
    lines = [b"model: {parameters: {l0: &l0 [%s]" % b",".join([b"x"] * 10)]
    lines += [b"l%d: &l%d [%s]" % (level, level, b",".join([b"*l%d" % (level - 1)] * 10)) for level in range(1, levels)]
    return b",\n ".join(lines) + b"}}"


def merge_bomb(levels: int) -> bytes:
    """Twice as many mappings with each level."""
    lines = [b"model: {parameters: {l0: &l0 {x: 1}"]
    lines += [b"l%d: &l%d {<<: [*l%d, *l%d]}" % (level, level, level - 1, level - 1) for level in range(1, levels)]
    return b",\n ".join(lines) + b"}}"


def alias_chain(levels: int) -> bytes:
    """One deeper with each line, and no line deep."""
    lines = [b"model: {parameters: {l0: &l0 [1]"]
    lines += [b"l%d: &l%d [*l%d]" % (level, level, level - 1) for level in range(1, levels)]
    return b",\n ".join(lines) + b"}}"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (bomb(9), f"has more than {NODES_MAX} values, its aliases followed"),
        (merge_bomb(40), f"has more than {NODES_MAX} values, its aliases followed"),
        (alias_chain(200), f"is nested more than {DEPTH_MAX} deep, its aliases followed"),
        (b"model: {parameters: " + b"[" * 500, f"is nested more than {DEPTH_MAX} deep"),
        (b"model: {parameters: " + b"{a: " * 5000, f"is nested more than {DEPTH_MAX} deep"),
        (b"- " * 5000, f"is nested more than {DEPTH_MAX} deep"),
        (b"x" * (4 * 1024**2 + 1), "is larger than 4 MiB"),
    ],
    ids=["aliases", "merges", "alias chain", "lists", "mappings", "block lists", "bytes"],
)
def test_what_would_take_too_much_is_refused_soon(document: bytes, reason: str) -> None:
    started = time.monotonic()
    (message,) = refused(document)
    assert reason in message
    assert time.monotonic() - started < 30


def test_too_many_values_are_refused_before_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "NODES_MAX", 1000)
    assert refused(b"docs: [" + b"{}," * 1000 + b"]") == ["line 1: has more than 1000 values."]


def test_a_few_aliases_are_no_bomb() -> None:
    assert read_yaml(bomb(3)).model


def test_a_hundred_thousand_problems_are_told_in_a_hundred_lines() -> None:
    with pytest.raises(InvalidInput, match="has 3000 errors") as caught:
        read_yaml(b"docs:\n" + b"  - {pth: x}\n" * 3000)
    assert caught.value.message.count("\n") == 101
    assert caught.value.message.endswith("and 2900 more.")
