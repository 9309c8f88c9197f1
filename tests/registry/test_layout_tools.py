"""skopeo and umoci read our layouts, and we theirs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from jupyter_kit.registry.layout import Layout

from .targets import assert_holds, modelkit, push, read, same


def run(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=30).stdout


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not on PATH: apt-get install skopeo")
def test_skopeo_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "layout")
    graph = modelkit(b"one", b"", b"x" * 5000)
    push(layout, graph, "v1")
    push(layout, modelkit(b"two"), "v2")
    assert run("skopeo", "inspect", "--raw", f"oci:{tmp_path}/layout:v1").encode() == graph.blobs[-1].data
    copy = ("skopeo", "--insecure-policy", "copy", "--quiet")
    run(*copy, f"oci:{tmp_path}/layout:v1", f"oci:{tmp_path}/theirs:v9")
    theirs = Layout(tmp_path / "theirs")
    assert theirs.tags() == ("v9",)
    assert same(theirs.resolve("v9"), graph.root)
    assert_holds(theirs, graph)
    push(theirs, modelkit(b"three"), "v3")
    run(*copy, f"oci:{tmp_path}/layout:v2", f"oci:{tmp_path}/theirs:v2")
    assert theirs.tags() == ("v2", "v3", "v9")


@pytest.mark.skipif(shutil.which("umoci") is None, reason="umoci is not on PATH: apt-get install umoci")
def test_umoci_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    run("umoci", "init", "--layout", str(folder))
    run("umoci", "new", "--image", f"{folder}:empty")
    theirs = Layout(folder)
    assert theirs.tags() == ("empty",)
    assert read(theirs, theirs.resolve("empty"))
    graph = modelkit(b"one")
    push(theirs, graph, "v1")
    assert sorted(run("umoci", "list", "--layout", str(folder)).split()) == ["empty", "v1"]
    run("umoci", "tag", "--image", f"{folder}:empty", "again")
    run("umoci", "gc", "--layout", str(folder))
    assert theirs.tags() == ("again", "empty", "v1")
    assert_holds(theirs, graph)
