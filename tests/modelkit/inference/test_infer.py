"""A Kitfile is found for folders as people have them; each file is in exactly one layer, or is named as left out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.modelkit.inference.infer import Inference, infer
from jupyter_kit.modelkit.kitfile import Code, Dataset, Docs, Kitfile, Model, ModelPart, Package, Prompt, entries, to_json
from jupyter_kit.modelkit.layers import clean, plan_layers
from jupyter_kit.modelkit.validation import check
from jupyter_kit.modelkit.yaml.reading import read_yaml
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.snapshot.snapshot import FileEntry, Skipped

ROOT = "0" * 64

SAFETENSORS = (46).to_bytes(8, "little") + b'{"__metadata__":{"format":"pt"},"a":{"b":"c"}}'
TORCH = b"PK\x03\x04" + b"\0" * 26 + b"archive/data.pkl"
SKLEARN = b"\x80\x04\x95csklearn.ensemble"
MIT = b"to any person obtaining a copy of this software and associated ... copyright notice and this permission notice shall be included"


def file(path: str, size: int = 1) -> FileEntry:
    return FileEntry(path, "file", 0o644, size, 0, ROOT)


def inferred(files: Mapping[str, int] | str, heads: Mapping[str, bytes] | None = None, **known: object) -> Kitfile:
    """The Kitfile of a folder “project” with these files, all of which some layer holds."""
    sizes = dict.fromkeys(files.split(), 1) if isinstance(files, str) else files
    found = infer(map(file, sizes, sizes.values()), lambda path: (heads or {}).get(path, b""), name="project", **known)  # type: ignore[arg-type]
    assert not found.left_out
    sound(found, [file(path, size) for path, size in sizes.items()])
    return found.kitfile


def sound(found: Inference, tree: list[FileEntry]) -> None:
    """The Kitfile is valid, can be written, and its layers hold each file once."""
    check(found.kitfile)
    assert read_yaml(write_yaml(found.kitfile)) == found.kitfile
    to_json(found.kitfile)
    left = {skipped.path for skipped in found.left_out}
    held = [m.name for layer in plan_layers(found.kitfile, tree) for m in layer.members if m.size is not None]
    assert len(held) == len(set(held))
    assert set(held) | left >= {entry.path for entry in tree if entry.kind != "folder"}
    assert not set(held) & left


def test_a_model_from_a_hub() -> None:
    small = "config.json generation_config.json tokenizer.json tokenizer_config.json special_tokens_map.json vocab.txt merges.txt"
    files = {**dict.fromkeys(small.split(), 5), "README.md": 9, ".gitattributes": 1, "model.safetensors": 1000, "onnx/model.onnx": 900}
    card = b"---\nlicense: apache-2.0\n---\n# A model"
    kitfile = inferred(files, {"model.safetensors": SAFETENSORS, "README.md": card})
    assert kitfile.package == Package("project", license="Apache-2.0")
    assert kitfile.model
    assert kitfile.model == Model("project", "model.safetensors", "Apache-2.0", "pytorch", "safetensors", parts=kitfile.model.parts)
    assert {(part.path, part.type) for part in kitfile.model.parts} == {
        ("config.json", "config"),
        ("generation_config.json", "config"),
        ("merges.txt", "tokenizer"),
        ("onnx", "weights"),
        ("special_tokens_map.json", "tokenizer"),
        ("tokenizer.json", "tokenizer"),
        ("tokenizer_config.json", "tokenizer"),
        ("vocab.txt", "tokenizer"),
    }
    assert (kitfile.code, kitfile.docs, kitfile.datasets) == ((Code(".gitattributes"),), (Docs("README.md"),), ())


def test_a_project_with_notebooks() -> None:
    kitfile = inferred(
        "README.md LICENSE Makefile requirements.txt setup.py notebooks/one.ipynb notebooks/figure.png src/train.py src/pkg/x.py"
        " src/README.md src/config.yaml data/train/x.csv data/train/schema.json data/test/y.parquet models/model.pkl models/scaler.joblib"
        " reports/out.html tests/test_x.py",
        {"models/model.pkl": SKLEARN, "LICENSE": MIT},
        author="A Tester",
        metrics={"accuracy": 0.93, "loss": 0.1},
    )
    assert kitfile == Kitfile(
        "1.0.0",
        Package("project", license="MIT", authors=("A Tester",)),
        Model(
            "project",
            "models/model.pkl",
            framework="scikit-learn",
            format="pickle",
            parts=(ModelPart("scaler", "models/scaler.joblib", type="weights"),),
            parameters={"metrics": {"accuracy": 0.93, "loss": 0.1}},
        ),
        tuple(Code(path) for path in ("Makefile", "notebooks", "requirements.txt", "setup.py", "src", "tests")),
        (Dataset("test", "data/test"), Dataset("train", "data/train")),
        (Docs("LICENSE"), Docs("README.md"), Docs("reports")),
    )


def test_an_empty_folder() -> None:
    assert inferred("") == Kitfile("1.0.0", Package("project"))


@pytest.mark.parametrize(
    ("files", "datasets"),
    [
        ("a.csv b.csv", (Dataset("a", "a.csv"), Dataset("b", "b.csv"))),
        (" ".join(f"{n}.csv" for n in range(11)), (Dataset("project", "."),)),
        (" ".join(f"{n}.jpg" for n in range(11)), (Dataset("project", "."),)),
        ("data/cats/1.jpg data/dogs/2.jpg data/README.md data/labels.json", (Dataset("data", "data"),)),
        ("data/raw/a.csv data/processed/a.csv", (Dataset("processed", "data/processed"), Dataset("raw", "data/raw"))),
        ("train.csv test.csv", (Dataset("test", "test.csv"), Dataset("train", "train.csv"))),
        ("data/.gitkeep data/x.npy", (Dataset("data", "data"),)),
    ],
)
def test_only_data(files: str, datasets: tuple[Dataset, ...]) -> None:
    assert inferred(files) == Kitfile("1.0.0", Package("project"), datasets=datasets)


def test_everything_in_one_folder_still_has_its_layers() -> None:
    kitfile = inferred("train.ipynb helper.py best.joblib data.csv notes.txt AGENTS.md ask.prompt.txt fig.png run")
    assert kitfile.model
    assert (kitfile.model.name, kitfile.model.path, kitfile.model.format) == ("project", "best.joblib", "joblib")
    assert [part.path for part in kitfile.model.parts] == ["run"]
    assert kitfile.code == (Code("helper.py"), Code("train.ipynb"))
    assert kitfile.datasets == (Dataset("data", "data.csv"),)
    assert kitfile.docs == (Docs("fig.png"), Docs("notes.txt"))
    assert kitfile.prompts == (Prompt(path="AGENTS.md"), Prompt(path="ask.prompt.txt"))


def test_a_pipeline_of_several_models_is_one_model_with_parts() -> None:
    kitfile = inferred(
        {
            "model_index.json": 1,
            "unet/config.json": 1,
            "unet/diffusion_pytorch_model.safetensors": 100,
            "vae/config.json": 1,
            "vae/diffusion_pytorch_model.safetensors": 10,
            "tokenizer/vocab.json": 1,
            "tokenizer/merges.txt": 1,
            "scheduler/scheduler_config.json": 1,
            "lora/adapter_model.safetensors": 900,
            "lora/adapter_config.json": 1,
        }
    )
    assert kitfile.model
    assert kitfile.model.path == "unet/diffusion_pytorch_model.safetensors"
    assert {(part.name, part.path, part.type) for part in kitfile.model.parts} == {
        ("config", "unet/config.json", "config"),
        ("lora", "lora", "adapter"),
        ("model_index", "model_index.json", "config"),
        ("scheduler", "scheduler", "config"),
        ("tokenizer", "tokenizer", "tokenizer"),
        ("vae", "vae", "weights"),
    }


def test_of_models_the_largest_is_the_model_and_an_adapter_only_if_it_is_alone() -> None:
    parts = inferred({"b.gguf": 5, "a.gguf": 5, "c.gguf": 4, "adapter_model.safetensors": 99})
    assert parts.model
    assert parts.model.path == "a.gguf"
    assert [part.path for part in parts.model.parts] == ["adapter_model.safetensors", "b.gguf", "c.gguf"]
    alone = inferred({"adapter_model.safetensors": 9, "adapter_config.json": 1})
    assert alone.model
    assert alone.model.path == "adapter_model.safetensors"
    assert alone.model.parts == (ModelPart("adapter_config", "adapter_config.json", type="adapter"),)


@pytest.mark.parametrize(
    ("files", "path", "kind", "framework"),
    [
        ("out/saved_model.pb out/variables/variables.index out/assets/vocab.txt train.py", "out", "saved_model", "tensorflow"),
        ("runs/1/MLmodel runs/1/model.pkl runs/1/conda.yaml train.py", "runs/1", "mlflow", ""),
        ("x/Net.mlpackage/Manifest.json x/Net.mlpackage/Data/weights.bin train.py", "x/Net.mlpackage", "coreml", "coreml"),
    ],
)
def test_a_folder_may_be_one_model(files: str, path: str, kind: str, framework: str) -> None:
    kitfile = inferred(files)
    assert kitfile.model
    assert (kitfile.model.path, kitfile.model.format, kitfile.model.framework) == (path, kind, framework)
    assert not kitfile.model.parts
    assert kitfile.code == (Code("train.py"),)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/fixture.json", "code"),
        ("test/test_x.py", "code"),
        ("data/fetch.py", "code"),
        ("data/labels.json", "datasets"),
        ("docs/conf.py", "docs"),
        ("docs/Makefile", "docs"),
        ("docs/tutorial.ipynb", "code"),
        ("docs/usage.md", "docs"),
        ("environmental.csv", "datasets"),
        ("environment.yml", "code"),
        ("requirements-dev.txt", "code"),
        ("requirements.md", "docs"),
        ("exploration.pkl", "datasets"),
        ("log/out.log", "code"),
        ("train/1.png", "datasets"),
        ("figures/1.png", "docs"),
        ("prompts/system.txt", "prompts"),
        ("prompts/render.py", "code"),
        ("models/resnet.py", "code"),
        ("server.mcpb", "code"),
    ],
)
def test_what_a_file_is_beside_a_script_and_a_notebook_in_each_folder(path: str, kind: str) -> None:
    files = f"main.py tests/test_a.py docs/a.ipynb data/b.py {path}"
    (name,) = {name.partition("[")[0] for name, entry in entries(inferred(files)) if f"{path}/".startswith(f"{entry.path}/")}
    assert name == kind


def test_many_checkpoints_are_two_layers() -> None:
    kitfile = inferred({**{f"checkpoints/{number:02}.pt": number for number in range(30)}, "main.py": 1})
    assert kitfile.model
    assert kitfile.model.path == "checkpoints/29.pt"
    assert kitfile.model.parts == (ModelPart("checkpoints", "checkpoints", type="weights"),)


def test_shards_are_layers_each() -> None:
    kitfile = inferred({f"model-0000{number}-of-00003.safetensors": number for number in (1, 2, 3)} | {"model.safetensors.index.json": 1})
    assert kitfile.model
    assert kitfile.model.path == "model-00003-of-00003.safetensors"
    assert len(kitfile.model.parts) == 3


def test_many_scripts_at_the_top_share_a_layer_that_holds_nothing_else() -> None:
    kitfile = inferred(" ".join(f"{number}.py" for number in range(20)) + " README.md data/x.csv model.onnx")
    assert kitfile.code == (Code("."),)
    assert kitfile.model
    assert (kitfile.model.path, kitfile.datasets, kitfile.docs) == ("model.onnx", (Dataset("data", "data"),), (Docs("README.md"),))


def test_a_licence_beside_data_is_the_licence_of_the_data() -> None:
    kitfile = inferred("data/LICENSE data/x.csv data/y.csv main.py", {"data/LICENSE": b"Attribution 4.0 International"})
    assert kitfile.datasets == (Dataset("data", "data", license="CC-BY-4.0"),)
    assert kitfile.package.license == ""


def test_two_licences_are_no_licence() -> None:
    assert (
        inferred("LICENSE-MIT LICENSE-APACHE", {"LICENSE-MIT": MIT, "LICENSE-APACHE": b"Apache License Version 2.0"}).package.license == ""
    )


def test_metrics_without_a_model_have_no_place() -> None:
    assert inferred("main.py", metrics={"accuracy": 1.0}) == Kitfile("1.0.0", Package("project"), code=(Code("main.py"),))


@pytest.mark.parametrize("name", ["run:v1.gguf", "http://x/m.gguf", "C:\\m.gguf", "ghcr.io/team/model@sha256:x.gguf"])
def test_a_file_that_looks_like_something_else_is_still_a_file(name: str) -> None:
    tree = [file(name)] if "//" not in name else [file("http:/x/m.gguf")]
    found = infer(tree, lambda path: b"", name="project")
    assert found.kitfile.model
    assert clean(found.kitfile.model.path) == tree[0].path
    sound(found, tree)


def test_what_no_layer_can_hold_is_named() -> None:
    symlink = FileEntry("src/link.py", "symlink", 0o777, 0, 0, "", "train.py")
    tree = [
        file("Kitfile"),
        file(".kitignore"),
        file("src/train.py"),
        file("src/b.py"),
        symlink,
        FileEntry("void", "folder", 0o755, 0, 0),
        FileEntry("src", "folder", 0o700, 0, 0),
        file("caf\udce9.csv"),
    ]
    found = infer(tree, lambda path: b"", name="project")
    sound(found, tree)
    assert found.kitfile.code == (Code("src/b.py"), Code("src/train.py"))
    assert found.left_out == (
        Skipped(".kitignore", "travels as the Kitfile, or tells what to leave out"),
        Skipped("Kitfile", "travels as the Kitfile, or tells what to leave out"),
        Skipped("caf\udce9.csv", "a name that a Kitfile cannot hold"),
        Skipped("src/link.py", "a symlink, which a ModelKit cannot hold"),
        Skipped("void", "an empty folder"),
    )


def test_folders_may_be_as_deep_as_a_path_can_be() -> None:
    deep = "a/" * 2000
    kitfile = inferred(f"{deep}x.csv {deep}y.py b.py")
    assert (kitfile.code, kitfile.datasets) == ((Code(f"{deep}y.py"), Code("b.py")), (Dataset("x", f"{deep}x.csv"),))


def test_a_folder_whose_name_is_no_text_has_a_kitfile() -> None:
    found = infer([file("model.onnx")], lambda path: b"", name="caf\udce9", author="Zo\udce9")
    sound(found, [file("model.onnx")])
    assert found.kitfile.package == Package("caf?", authors=("Zo?",))


def test_the_order_of_entries_means_nothing() -> None:
    tree = [file(path) for path in ("b.py", "a.py", "data/x.csv", "model.onnx", "README.md")]
    assert infer(tree, lambda path: b"", name="p") == infer(tree[::-1], lambda path: b"", name="p")


FOLDERS = ["data", "src", "docs", "models", "tests", "out", "train", "a", "b.c", "x.mlpackage"]
NAMES = ["a.py", "b.ipynb", "c.csv", "d.json", "e.txt", "m.safetensors", "w.bin", "x.jpg", "tokenizer.json", "README.md", "LICENSE"]
ODD = [".env", "v1..2.csv", "é", "数据.npy", " ", "-", "~", "a:b", "\\", "\n", "\udcff", "%", "[", "a\t.md", "http:"]
OURS = ["saved_model.pb", "MLmodel", "Kitfile", ".kitignore"]
PATHS = st.builds(
    lambda folders, name: "/".join([*folders, name]),
    st.lists(st.sampled_from(FOLDERS) | st.sampled_from(ODD), max_size=3),
    st.sampled_from(NAMES) | st.sampled_from(ODD) | st.sampled_from(OURS),
)


@given(st.lists(PATHS, max_size=25, unique=True), st.integers(0, 2**32), st.sampled_from([b"", SAFETENSORS, TORCH, SKLEARN, MIT]))
@settings(max_examples=80)
def test_every_file_of_any_tree_is_in_one_layer_or_named(paths: list[str], size: int, head: bytes) -> None:
    folders = {"/".join(path.split("/")[:length]) for path in paths for length in range(1, path.count("/") + 1)}
    tree = [file(path, size) for path in paths if path not in folders]
    sound(infer(tree, lambda path: head, name="project"), tree)
