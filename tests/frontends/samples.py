"""One answer of every kind, as a real project would give it, and one that means harm."""

from __future__ import annotations

from jupyter_kit.compare.changes import (
    CellChange,
    Change,
    Changes,
    ColumnChange,
    Diff,
    FileFacts,
    NotebookDiff,
    RemoteState,
    Status,
    TableDiff,
    TensorChange,
    TensorsDiff,
    TextDiff,
)
from jupyter_kit.delta.filling import Filled
from jupyter_kit.frontends.replies import (
    Cloned,
    Events,
    Exported,
    Field,
    KitfileWritten,
    Log,
    Made,
    ModelKitList,
    ModelKitTagged,
    Names,
    Noted,
    RemoteChanged,
    RemoteList,
    RemovalPlan,
    Removed,
    SignedIn,
    SignedOut,
    Tagged,
    Tags,
    Text,
    Version,
)
from jupyter_kit.modelkit.difference import LayerDifference, ModelKitDifference
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model, Package
from jupyter_kit.modelkit.packing.pack import PackedLayer, PackResult
from jupyter_kit.modelkit.summary import ModelKitSummary
from jupyter_kit.modelkit.unpacking.plan import UnpackPlan, UnpackResult, UnpackStep
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest
from jupyter_kit.shown import ModelKitDetail, Moved, PackPlan
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult, RollbackStep
from jupyter_kit.snapshot.snapshot import Anchor, FileEntry, GitState, LogEntry, Skipped, Snapshot, SnapshotDetail, SnapshotResult
from jupyter_kit.store.format.audit import AuditEvent, AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, Damage, Kept, PrunePlan, PruneResult, StoreFacts
from jupyter_kit.sync.exchange import Synced
from jupyter_kit.sync.fetch import Fetched
from jupyter_kit.sync.pull import Pulled
from jupyter_kit.sync.push import PushResult
from jupyter_kit.sync.remotes import Remote
from jupyter_kit.transfer import Copied

FIRST, SECOND, THIRD = (digit * 4 + "0123456789abcdef" * 3 + digit * 12 for digit in "3f9")

DIGEST = "sha256:" + "89abcdef" * 8

PULLED_MODELKIT = Moved(
    "ghcr.io/team/digits:v2",
    DIGEST,
    Copied(2_560, 2, 0, 5),
    1.2,
    Filled(1, 67_108_864, 65_536),
    parents=(Moved("ghcr.io/team/base:v1", DIGEST, Copied(1_000_000, 4, 0, 0), 0.8, Filled()),),
)

HOSTILE = "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202egpj.exe\r\n\udcff&\"'"
"""Clears a terminal, sets its title, runs a script, reads backwards, forges a line, is not UTF-8, and ends an attribute."""


def snapshot(name: str, *, parents: tuple[str, ...] = (), text: str = "first model", **changed: object) -> Snapshot:
    """A snapshot with plausible facts."""
    told: dict[str, object] = {
        "id": name,
        "created": "2026-03-01T13:05:12.123456Z",
        "author": "Ada Lovelace",
        "message": text,
        "kind": "manual",
        "parents": parents,
        "tags": (),
        "workspace": "3c9d",
        "files": "ab" * 32,
        "file_count": 14,
        "bytes": 12_345_678,
        "new_bytes": 1_234_567,
        "metrics": {"accuracy": 0.9712, "loss": 0.081},
    }
    return Snapshot(**{**told, **changed})


OLDEST = snapshot(
    FIRST, text="first model", created="2026-02-27T08:00:00.000000Z", metrics={"accuracy": 0.91, "loss": 0.12}, bytes=11_000_000
)
SAFETY = snapshot(SECOND, parents=(FIRST,), text="before rollback to v1", kind="safety", created="2026-02-28T18:30:00.000000Z", metrics={})
NEWEST = snapshot(
    THIRD,
    parents=(SECOND,),
    text="After training on augmented data\n\nTwice as many rows; see the notebook.",
    git=GitState("4f" * 20, "main", dirty=True),
    notebook="train.ipynb",
    kernel="4e0f",
    environment="cd" * 32,
    audit=Anchor(41, "ef" * 32),
)

LOG = Log(
    (LogEntry(NEWEST, ("v2", "best"), head=True), LogEntry(SAFETY, (), head=False)), cut=True, before=LogEntry(OLDEST, ("v1",), head=False)
)

CHANGES = Changes(
    (
        Change("added", "data/new.csv", new_size=1_234_567, new_bytes=1_234_567),
        Change("mode", "fit.sh", old_size=120, new_size=120, old_mode=0o644, new_mode=0o755),
        Change("modified", "model/digits.safetensors", old_size=14_200_000, new_size=15_000_000, new_bytes=900_000),
        Change("renamed", "notes/plan.md", old_path="plan.md", old_size=800, new_size=800),
        Change("modified", "latest.pt", old_size=900, new_size=0, old_entry="file", new_entry="symlink"),
        Change("removed", "old/weights.pt", old_size=2_000_000, old_entry="file"),
        Change("modified", "train.ipynb", old_size=14_200, new_size=15_040, new_bytes=2_100),
    )
)

STATUS = Status(
    workspace="/home/ada/digits",
    head=THIRD,
    head_created="2026-03-01T13:05:12.123456Z",
    head_message="After training on augmented data",
    head_tags=("v2", "best"),
    snapshots=3,
    changes=CHANGES,
    skipped=((".env", "may hold secrets"),),
    pending_metrics={"accuracy": 0.975},
    remotes=(RemoteState("origin", "main", 2, 1), RemoteState("disk", "main", 0, 0)),
)

DIFF = Diff(
    before=FIRST,
    after="workspace",
    changes=CHANGES,
    files=(
        TextDiff(
            "fit.py", ("--- a/fit.py", "+++ b/fit.py", "@@ -1,3 +1,3 @@", " import numpy", "-rate = 0.1", "+rate = 0.05", " steps = 100")
        ),
        NotebookDiff(
            "train.ipynb",
            (
                CellChange("modified", "code", 2, 2, ("@@ -1 +1 @@", "-C=0.1", "+C=1.0"), "2 outputs changed: image/png 14.2 kB → 15.0 kB"),
                CellChange("added", "markdown", None, 3, ("@@ -0,0 +1 @@", "+## Results"), metadata="tags: [] → [results]"),
                CellChange("moved", "code", 7, 4),
                CellChange("removed", "code", 9, None, ("@@ -1 +0,0 @@", "-print(1)")),
            ),
            metadata="kernel: python3 → python3.12",
        ),
        NotebookDiff("rerun.ipynb", ()),
        TensorsDiff(
            "model/bert.safetensors",
            (
                TensorChange("modified", "wte", "F32", "F32", (512, 64), (512, 64), 131_072, 131_072, 12_000),
                TensorChange("modified", "head", "F32", "F16", (10, 64), (10, 64), 2_560, 1_280),
                TensorChange("added", "bias", None, "F32", None, (), None, 4),
            ),
            103,
            "metadata changed",
        ),
        TableDiff(
            "data/people.csv",
            (ColumnChange("added", "country"), ColumnChange("modified", "age", 12), ColumnChange("removed", "city")),
            3,
            200,
            220,
            ("--- a/data/people.csv", "+++ b/data/people.csv", "@@ -1 +1 @@", "-id,age,city", "+id,age,country"),
        ),
        FileFacts("model/digits.safetensors", 14_200_000, 15_000_000, 13_900_000),
    ),
)

PLAN = RollbackPlan(
    snapshot=FIRST,
    paths=(),
    steps=(
        RollbackStep("folder", "empty", 0, exists=False),
        RollbackStep("write", "old/weights.pt", 2_000_000, exists=False),
        RollbackStep("write", "train.ipynb", 14_200, exists=True),
        RollbackStep("mode", "fit.sh", 120, exists=True),
        RollbackStep("delete", "data/new.csv", 1_234_567, exists=True),
    ),
    kept=10,
    left=(Skipped("cache/x.bin", "an ignored file stands there"),),
)

RESULT = SnapshotResult(
    id=THIRD,
    created="2026-03-01T13:05:12.123456Z",
    message="After training on augmented data",
    kind="manual",
    tags=("v2",),
    parents=(SECOND,),
    files=14,
    bytes=12_345_678,
    new_bytes=1_250_000,
    stored_bytes=430_000,
    seconds=0.083,
    metrics={"accuracy": 0.9712},
    skipped=(Skipped("run.sock", "a socket"),),
    unchanged=False,
)

DETAIL = SnapshotDetail(
    NEWEST,
    ("v2", "best"),
    (
        FileEntry("data/train.csv", "file", 0o644, 1_234_567, 0, root="aa"),
        FileEntry("empty", "folder", 0o755, 0, 0),
        FileEntry("fit.sh", "file", 0o755, 120, 0, root="bb"),
        FileEntry("latest.pt", "symlink", 0o777, 0, 0, target="model/7.pt"),
    ),
    {"python": "3.11.7", "platform": "Linux-6.1-x86_64", "packages": {"numpy": "2.4.6", "joblib": "1.6.0"}},
)

DAMAGE = (
    Damage("chunk 1f2e3d", "its bytes are not those that were kept", (f"{FIRST}:data/train.csv", f"{SECOND}:data/train.csv"), more_files=3),
    Damage("chunk 77aa01", "its bytes are not those that were kept", (f"{FIRST}:a.bin",), repaired=True),
)

PRUNE = PrunePlan(
    keep=(Kept(THIRD, ("HEAD", "last 2")), Kept(FIRST, ("tag v1",))),
    remove=(SECOND,),
    dead_chunks=12,
    dead_bytes=3_400_000,
    unlink_segments=1,
    rewrite_segments=2,
)


def event(sequence: int, verb: str, result: str = "ok", **changed: object) -> AuditEvent:
    """An event with plausible facts."""
    told: dict[str, object] = {
        "sequence": sequence,
        "time": f"2026-03-01T13:0{sequence}:12.123456Z",
        "actor": "ada",
        "jupyter_user": None,
        "host": "analytical",
        "tool": "jupyter-kit 0.1.0",
        "verb": verb,
        "ids": (THIRD,),
        "paths": (),
        "detail": "",
        "result": result,
        "previous": "00" * 32,
        "hash": f"{sequence:064x}",
    }
    return AuditEvent(**{**told, **changed})


KITFILE = Kitfile(
    "1.0.0",
    Package("digits", "1.0.0", "Handwritten digits", "Apache-2.0", ("Ada Lovelace",)),
    Model("digits", "model/digits.safetensors", framework="scikit-learn", parameters={"metrics": {"accuracy": 0.9712}}),
    (Code("train.ipynb", "How it was trained"),),
    (Dataset("train", "data/train.csv"),),
)

LAYER = PackedLayer(
    "model", "model", "model/digits.safetensors", "application/vnd.kitops.modelkit.model.v1.tar", DIGEST, DIGEST, 15_000_064, 2_560
)

UNPACK = UnpackPlan(
    "v1",
    DIGEST,
    "/srv/digits",
    (
        UnpackStep("folder", "model", 0o755, 0, exists=False),
        UnpackStep("write", "model/digits.safetensors", 0o644, 15_000_000, exists=False, origin="model of localhost/digits:v1"),
        UnpackStep("write", "train.ipynb", 0o644, 20_000, exists=True, origin="code of localhost/digits:v1"),
        UnpackStep("keep", "data/train.csv", 0o644, 1_234_567, exists=True, origin="datasets of localhost/digits:v1"),
    ),
    ("model of localhost/digits:v1", "code of localhost/digits:v1"),
    (Skipped("extra.bin", "a layer of the unknown type application/x"),),
)

MANIFEST = Manifest(
    descriptor_of(b"{}", "application/vnd.kitops.modelkit.config.v1+json"),
    (Descriptor(LAYER.media_type, DIGEST, LAYER.size, {"org.cncf.model.filepath": LAYER.path}),),
    annotations={"ml.kitops.modelkit.cli-version": "1.11.0"},
)

SUMMARY = ModelKitSummary("digits:v1", DIGEST, "modelkit", "digits", "1.0.0", "Ada Lovelace", 3, 15_002_624, "2026-03-01T13:05:12Z")

FETCHED = Fetched("team", "main", THIRD, (SECOND, THIRD), 0, 2, 48_000)

ANSWERS: list[object] = [
    KITFILE,
    PackPlan(THIRD, KITFILE, "", (Skipped("latest.pt", "a symlink"),)),
    PackResult(("localhost/digits:v1",), DIGEST, 532, MANIFEST.config, (LAYER,), KITFILE, THIRD, 15_000_064, 2_560, 0.05),
    UNPACK,
    UnpackResult(UNPACK, 0.4),
    ModelKitList((SUMMARY,)),
    ModelKitDetail("digits:v1", DIGEST, "modelkit", 15_002_624, "1.11.0", None, KITFILE, MANIFEST),
    ModelKitTagged("digits:v2", DIGEST),
    Names(("digits:v1", "digits:v2")),
    Field(".model.framework", "scikit-learn"),
    Moved("ghcr.io/team/digits:v1", DIGEST, Copied(2_560, 3, 1, 4), 1.2, recipe_bytes=900),
    PULLED_MODELKIT,
    KitfileWritten("/home/ada/digits/Kitfile", KITFILE),
    ModelKitDifference(
        DIGEST,
        DIGEST[:-1] + "0",
        (
            LayerDifference("same", "datasets.train", "data/train.csv", DIGEST, DIGEST, 1_000, 1_000, looked_into=True),
            LayerDifference(
                "changed", "model", "model/digits.safetensors", DIGEST, DIGEST[:-1] + "0", 14_000_000, 15_000_000, looked_into=True
            ),
            LayerDifference("added", "docs", "README.md", None, DIGEST, None, 2_560, looked_into=False),
        ),
        CHANGES,
        DIFF.files,
        TextDiff("Kitfile", ("--- Kitfile", "+++ Kitfile", "@@ -1 +1 @@", "-name: a", "+name: b"), cut=False),
    ),
    Synced("merge", THIRD, FETCHED, PushResult("team", "main", THIRD, DIGEST, (THIRD,), 1, 2_000_000, 4_000)),
    Pulled(FETCHED, RollbackResult(PLAN, safety=None, written_bytes=2_014_200, seconds=0.21, undo=None)),
    Cloned("/home/ada/clone", "ghcr.io/team/history", STATUS),
    RemoteList((Remote("team", "ghcr.io/team/history", (("main", THIRD),)),)),
    RemoteChanged(Remote("team", "ghcr.io/team/history"), added=True),
    SignedIn("ghcr.io", "ada", "/home/ada/.config/jupyter-kit/credentials.json"),
    SignedOut("ghcr.io", ("this session",)),
    STATUS,
    DIFF,
    PLAN,
    RollbackResult(PLAN, safety=SECOND, written_bytes=2_014_200, seconds=0.21, undo=SECOND),
    RESULT,
    DETAIL,
    LOG,
    Tags({"v1": FIRST, "v2": THIRD}),
    Tagged("best", LogEntry(NEWEST, ("best", "v2"), head=True)),
    CheckReport(3, 42, 120, 36_000_000, 0.4, DAMAGE, rebuilt=True),
    PRUNE,
    PruneResult(PRUNE, freed_bytes=3_300_000, seconds=0.31),
    StoreFacts("/home/ada/digits/.kit/store", 1, ("delta",), 3, 42, 9, 31, 120, 2, 41, 36_000_000, 14_000_000, 9_000_000, 9_400_000),
    Events(
        (event(1, "init"), event(2, "snapshot", paths=("train.ipynb",)), event(3, "rollback", "file-changed", jupyter_user="ada@hub")),
        cut=True,
    ),
    AuditReport(41, 3, "ef" * 32, (), 2, 1),
    Exported(41, "audit.csv", "csv"),
    Made("/home/ada/digits"),
    RemovalPlan((SAFETY,)),
    Removed((SECOND, "v1")),
    Noted({"accuracy": 0.975}),
    Version("0.1.0", "3.11.7"),
    Text("two\nlines"),
]
"""One of each."""

QUIET_ONES: list[object] = [
    PackPlan(THIRD, Kitfile(), "Kitfile"),
    ModelKitDifference(DIGEST, DIGEST, (), Changes(()), (), None),
    Synced("none", THIRD, FETCHED, None),
    Synced("push", THIRD, None, PushResult("team", "main", THIRD, DIGEST, (THIRD,), 1, 2_000_000, 4_000)),
    Pulled(FETCHED),
    RemoteList(()),
    RemoteChanged(Remote("team", "ghcr.io/team/history"), added=False),
    ModelKitList(()),
    ModelKitList((), place="ghcr.io/team/digits"),
    Field(".model.parameters", {"metrics": {"accuracy": 0.9712}}),
    SignedIn("ghcr.io", "ada", None),
    Status("/home/ada/digits", None, None, None, (), 0, Changes(()), (), {}),
    Status("/home/ada/digits", THIRD, "2026-03-01T13:05:12.123456Z", "", (), 3, Changes(()), (), {}),
    Diff(FIRST, SECOND, Changes(()), ()),
    RollbackPlan(FIRST, ("data",), (), 3),
    RollbackResult(RollbackPlan(FIRST, (), (), 3), None, 0, 0.01),
    Log(()),
    Tags({}),
    Noted({}),
    Events(()),
    CheckReport(3, 42, 120, 36_000_000, 0.4, ()),
    CheckReport(3, 42, 120, 36_000_000, 0.4, DAMAGE[1:]),
    AuditReport(41, 3, "", ("Event 7 is missing.", "Event 9 was changed.")),
    StoreFacts("/s", 1, (), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4096),
]
"""Where there is little or nothing to tell, or bad news."""
