"""What a Kitfile may not say is told at once, by entry; what kit allows and packs as meant is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.modelkit.kitfile import Code, Dataset, Docs, Kitfile, McpServer, Model, ModelPart, Prompt
from jupyter_kit.modelkit.validation import check, load, problems

from .golden import kitfile_of_the_project
from .strategies import kitfiles

REFERENCE = "ghcr.io/team/model:v1"


def told(kitfile: Kitfile) -> list[str]:
    """What is wrong, as lines."""
    return [str(problem) for problem in problems(kitfile)]


def test_the_kitfile_that_kit_packed_is_good() -> None:
    assert load(kitfile_of_the_project()).package.name == "tiny"


@pytest.mark.parametrize(
    "kitfile",
    [
        Kitfile(),
        Kitfile(model=Model(path=REFERENCE), code=(Code("src/../lib"),), prompts=(Prompt(path="./skills/personal/"),)),
        Kitfile(model=Model(path="localhost/model@sha256:" + "0" * 64)),
        Kitfile(code=(Code(),), datasets=(Dataset(path="data"), Dataset(path="data/inner"), Dataset(path="data-v2"))),
        Kitfile(datasets=(Dataset(path="a", remote_path="s3://bucket/some/key", remote_hash="etag"),)),
        Kitfile(datasets=(Dataset(path="a", remote_path=REFERENCE), Dataset(path="a-sibling"))),
        Kitfile(model=Model(path="m", parts=(ModelPart(path="p", type="lora-adapter_v1.0"), ModelPart(path="q", type="x" * 64)))),
        Kitfile(mcp_servers=(McpServer("one", "one.mcpb"), McpServer("two", "./tools/two.mcpb"))),
        Kitfile(code=(Code("v1..2.py"), Code("...")), docs=(Docs("./run:1.md"), Docs("a b/ü\n.md"))),
    ],
)
def test_what_is_allowed(kitfile: Kitfile) -> None:
    assert told(kitfile) == []
    check(kitfile)


@pytest.mark.parametrize("path", ["/etc/passwd", "/", "C:\\data", "c:/data", "\\\\host\\share"])
def test_absolute_paths_are_refused(path: str) -> None:
    assert told(Kitfile(docs=(Docs(path),))) == [f"docs[0] has the path “{path}”, which is absolute; paths are relative to the Kitfile"]


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "./../", "a/b/../../.."])
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    assert told(Kitfile(model=Model(path=path))) == [f"model has the path “{path}”, which is outside of the folder"]


@pytest.mark.parametrize("path", ["http://host/x", "https://host/x", "s3://bucket/key", "hf://a/b"])
def test_urls_are_no_paths(path: str) -> None:
    everywhere = Kitfile(
        "1.0.0",
        model=Model(path="m", parts=(ModelPart(path=path),)),
        code=(Code(path),),
        docs=(Docs(path + "1"),),
        prompts=(Prompt(path=path + "2"),),
    )
    assert [line.partition(" ")[0] for line in told(everywhere) if "is a URL" in line] == [
        "code[0]",
        "docs[0]",
        "model.parts[0]",
        "prompts[0]",
    ]
    assert told(Kitfile(datasets=(Dataset(path=path),))) == [
        f"datasets[0] has the path “{path}”, which is a URL, not a file; an S3 object is a remotePath"
    ]


@pytest.mark.parametrize(
    "kitfile",
    [
        Kitfile(model=Model(path="m", parts=(ModelPart(path=REFERENCE),))),
        Kitfile(code=(Code(REFERENCE),)),
        Kitfile(datasets=(Dataset(path=REFERENCE),)),
        Kitfile(docs=(Docs(REFERENCE),)),
        Kitfile(prompts=(Prompt(path=REFERENCE),)),
    ],
)
def test_only_the_model_may_be_a_reference(kitfile: Kitfile) -> None:
    (line,) = told(kitfile)
    assert f"has the path “{REFERENCE}”, which is a reference to a ModelKit" in line
    assert f"“./{REFERENCE}”" in line


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        ("a", "a", "a"),
        ("./a", "a", "a"),
        ("a/", "./some/meandering/../../a", "a"),
        ("", ".", "."),
        ("x/..", "./", "."),
        ("a//b", "a/./b", "a/b"),
    ],
)
def test_two_entries_may_not_have_the_same_path(first: str, second: str, path: str) -> None:
    assert told(Kitfile(code=(Code(first),), prompts=(Prompt(path=second),))) == [f"prompts[0] has the same path as code[0]: “{path}”"]
    assert told(Kitfile(model=Model(path=first, parts=(ModelPart(path=second),)))) == [
        f"model.parts[0] has the same path as model: “{path}”"
    ]


@pytest.mark.parametrize("kind", ["lora adapter", "-x", ".x", "é", "a/b", "a\n"])
def test_the_type_of_a_part_is_a_word(kind: str) -> None:
    (line,) = told(Kitfile(model=Model(path="m", parts=(ModelPart(path="p", type=kind),))))
    assert line.startswith("model.parts[0] has the type “")


def test_the_type_of_a_part_is_short() -> None:
    assert told(Kitfile(model=Model(path="m", parts=(ModelPart(path="p", type="x" * 65),)))) == [
        "model.parts[0] has a type of 65 characters; 64 are the most"
    ]


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (Dataset(path="a", remote_hash="x"), "has a remoteHash and no remotePath"),
        (Dataset(path="a", remote_path="s3://b/k"), "needs a remoteHash, the ETag of the S3 object"),
        (Dataset(path="a", remote_path="s3://b", remote_hash="x"), "names no bucket and key (s3://bucket/key)"),
        (Dataset(path="a", remote_path="https://host/x"), "is neither an S3 object (s3://bucket/key) nor a reference to a ModelKit"),
        (Dataset(path="a", remote_path="b.s3.amazonaws.com", remote_hash="x"), "is neither an S3 object"),
    ],
)
def test_what_is_remote_says_where_and_what(dataset: Dataset, reason: str) -> None:
    (line,) = told(Kitfile(datasets=(dataset,)))
    assert line.startswith("datasets[0] has ")
    assert reason in line


def test_nothing_lies_where_a_remote_modelkit_goes() -> None:
    remote = Dataset(path="./data/train", remote_path=REFERENCE)
    assert told(
        Kitfile(model=Model(path="data/train/m"), datasets=(remote, Dataset(path="data/train/more/x"), Dataset(path="data/trains")))
    ) == [
        "datasets[1] has the path “data/train/more/x” inside of that of datasets[0], where a remote ModelKit goes",
        "model has the path “data/train/m” inside of that of datasets[0], where a remote ModelKit goes",
    ]


def test_bundles_have_a_name_of_their_own_and_their_suffix() -> None:
    servers = (McpServer("", "a.mcpb"), McpServer("x", "b.zip"), McpServer("x", "c.mcpb"), McpServer("y"))
    assert told(Kitfile(mcp_servers=servers)) == [
        "mcpServers[0] has no name",
        "mcpServers[1] has the path “b.zip”, which is no .mcpb file",
        "mcpServers[2] has the same name as mcpServers[1]: “x”",
        "mcpServers[3] has the path “”, which is no .mcpb file",
    ]


@pytest.mark.parametrize("path", ["a\0b", "a\udcffb"])
def test_what_no_file_is_called_is_refused(path: str) -> None:
    assert told(Kitfile(code=(Code(path),))) == [
        "code[0] has the path “a\ufffdb”, which has a character that no path in a Kitfile can have"
    ]


def test_all_is_told_at_once_and_names_the_file() -> None:
    document = b"code:\n  - path: /a\n  - path: ../b\ndocs:\n  - path: ../b\n"
    with pytest.raises(InvalidInput) as caught:
        load(document, "elsewhere/Kitfile")
    assert caught.value.kind is Kind.INVALID_KITFILE
    assert caught.value.message == (
        "elsewhere/Kitfile has 4 errors:\n"
        "  * line 2: code[0] has the path “/a”, which is absolute; paths are relative to the Kitfile.\n"
        "  * line 3: code[1] has the path “../b”, which is outside of the folder.\n"
        "  * line 5: docs[0] has the path “../b”, which is outside of the folder.\n"
        "  * line 5: docs[0] has the same path as code[1]: “../b”."
    )


def test_what_cannot_be_read_is_told_together_with_what_may_not_be() -> None:
    document = b"""\
package: {name: [a]}
model: {path: m, parts: [{path: 1.0, kind: lora}]}
code:
  - path: /a
  - nonsense
  - {path: 7, path: 8}
docs:
  - path: ../b
prompts: nothing
surprise: 1
"""
    with pytest.raises(InvalidInput) as caught:
        load(document)
    assert [line.strip(" *") for line in caught.value.message.splitlines()] == [
        "Kitfile has 8 errors:",
        "line 1: package.name is a list, where text belongs.",
        "line 2: model.parts[0].kind is no field; there are name, path, license, type.",
        "line 4: code[0] has the path “/a”, which is absolute; paths are relative to the Kitfile.",
        "line 5: code[1] is no mapping of fields.",
        "line 6: code[2].path is there already, in line 6.",
        "line 8: docs[0] has the path “../b”, which is outside of the folder.",
        "line 9: prompts is no list.",
        "line 10: surprise is no field; there are manifestVersion, package, model, code, datasets, docs, prompts, mcpServers.",
    ]


@given(kitfiles(st.just("")), st.sampled_from(["/x", "../x", "http://x/y", "a\0"]))
@settings(max_examples=30)
def test_no_kitfile_hides_a_bad_path(kitfile: Kitfile, path: str) -> None:
    found = problems(replace(kitfile, docs=(*kitfile.docs, Docs(path))))
    assert f"docs[{len(kitfile.docs)}]" in {problem.entry for problem in found}
    assert found == tuple(sorted(found))
