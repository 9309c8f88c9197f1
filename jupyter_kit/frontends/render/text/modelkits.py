"""ModelKits, and what moves them, as lines of text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from jupyter_kit.frontends.render.lines import Line, Part, Style, View, facts, table, text_of
from jupyter_kit.frontends.render.text.changes import change_groups, cut_table, file_difference, short, unified
from jupyter_kit.frontends.render.words import cells, duration, plural, size, when
from jupyter_kit.frontends.replies import Field, KitfileWritten, ModelKitList, ModelKitTagged, Names
from jupyter_kit.modelkit.difference import ModelKitDifference
from jupyter_kit.modelkit.kitfile import Kitfile
from jupyter_kit.modelkit.packing.pack import PackResult
from jupyter_kit.modelkit.summary import ModelKitSummary
from jupyter_kit.modelkit.unpacking.plan import UnpackPlan, UnpackResult
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.shown import ModelKitDetail, PackPlan

DIGEST_SHOWN = 19
"""Characters of a digest: its algorithm and twelve digits, as kit and docker show it."""


def kitfile(value: Kitfile, view: View) -> list[Line]:
    """``info``: the Kitfile as kit writes it."""
    return [(line,) for line in write_yaml(value).decode().splitlines()]


def field(value: Field, view: View) -> list[Line]:
    """``info`` with a field: a text as it is, anything else as JSON."""
    told = value.value if isinstance(value.value, str) else json.dumps(value.value, indent=2, ensure_ascii=False)
    return [(line,) for line in told.splitlines()]


def pack_plan(value: PackPlan, view: View) -> list[Line]:
    """``pack --dry-run``, and what is shown before asking: the Kitfile, and what no layer holds."""
    told = f"As {value.origin} says:" if value.origin else "There is no Kitfile. This one fits the files:"
    lines: list[Line] = [("To pack: ", (short(value.snapshot), "id")), ((told, "quiet"),), ()]
    lines += [("  ", line) for line in write_yaml(value.kitfile).decode().splitlines()]
    if value.left_out:
        lines += [(), (("left out", "strong"),), *cut_table([(left.path, (left.reason, "quiet")) for left in value.left_out], view)]
    return lines


def pack_result(value: PackResult, view: View) -> list[Line]:
    """``pack``: what it is called, its layers, and what it costs."""
    names = [reference.removeprefix("localhost/") for reference in value.references]
    rows: list[tuple[Part, ...]] = [
        ((layer.kind, "quiet"), layer.path, size(layer.size), (layer.digest[:DIGEST_SHOWN], "id")) for layer in value.layers
    ]
    cost = f"{plural(len(value.layers), 'layer')}, {size(value.bytes)}; {size(value.new_bytes)} new; {duration(value.seconds)}"
    return [
        (("Packed as ", "good"), ", ".join(names)),
        ("  ", (value.digest[:DIGEST_SHOWN], "id"), (f"  {cost}", "quiet")),
        *table(rows, right=(2,)),
    ]


def unpack_plan(value: UnpackPlan, view: View) -> list[Line]:
    """``unpack --dry-run``."""
    words = {"write": "write", "keep": "keep", "folder": "make"}
    rows: list[tuple[Part, ...]] = [
        (("replace", "changed") if step.exists and step.action == "write" else (words[step.action], "added"), step.path,
         (size(step.size) if step.action != "folder" else "folder", "quiet"))
        for step in value.steps
    ]  # fmt: skip
    head: Line = (f"To unpack into {value.folder}: {plural(value.written, 'file')}, {size(value.bytes)}",)
    return [head, (), *cut_table(rows, view), *_unknown(value)]


def unpack_result(value: UnpackResult, view: View) -> list[Line]:
    """``unpack``: how much is where."""
    plan = value.plan
    kept = sum(step.action == "keep" for step in plan.steps)
    told = f"{plural(plan.written, 'file')}, {size(plan.bytes)}" + (f"; {kept:,} kept as they were" if kept else "")
    return [(("Unpacked", "good"), f" into {plan.folder}: {told}, every layer verified, {duration(value.seconds)}"), *_unknown(plan)]


def _unknown(plan: UnpackPlan) -> list[Line]:
    return [("  ", (f"left out: {left.path}, {left.reason}", "warning")) for left in plan.skipped]


def modelkits(value: ModelKitList, view: View) -> list[Line]:
    """``list``: one reference a line."""
    if not value.entries:
        where = f" in {value.place}" if value.place else f". Make one: {view.program} pack -t NAME:TAG"
        return [(f"There is no ModelKit{where}",)]
    dated = any(entry.created for entry in value.entries)
    words = ["reference", "name", "author", "size", "digest", *(["packed"] if dated else [])]
    rows: list[tuple[Part, ...]] = [tuple((word, "quiet") for word in words)]
    for entry in value.entries:
        packed: list[Part] = [(when(entry.created, view.now) if entry.created else "", "quiet")] if dated else []
        rows.append((entry.reference, entry.name, (entry.author, "quiet"), size(entry.size), (entry.digest[:DIGEST_SHOWN], "id"), *packed))
    lines = table(rows, right=(3,), indent=0)
    if view.width is None or all(sum(cells(text_of(part)) for part in line) <= view.width for line in lines):
        return lines
    return [line for entry in value.entries for line in _narrow(entry, view)]


def _narrow(entry: ModelKitSummary, view: View) -> list[Line]:
    """A ModelKit on two lines, where a table would be wider than the terminal."""
    packed = when(entry.created, view.now) if entry.created else ""
    told = ", ".join(filter(None, (entry.name, entry.author, size(entry.size), packed)))
    return [((entry.reference, "strong"),), ("  ", (entry.digest[:DIGEST_SHOWN], "id"), (f"  {told}", "quiet"))]


def modelkit_detail(value: ModelKitDetail, view: View) -> list[Line]:
    """``inspect`` with a reference: the manifest's facts, its layers, the Kitfile."""
    rows: list[tuple[Part, ...]] = [
        (
            (layer_kind(layer), "quiet"),
            layer.annotations.get("org.cncf.model.filepath", ""),
            size(layer.size),
            (layer.digest[:DIGEST_SHOWN], "id"),
        )
        for layer in value.manifest.layers
    ]
    return [
        (("ModelKit ", "strong"), value.reference),
        (),
        *facts(
            [
                ("digest", ((value.digest, "id"),)),
                ("format", (value.format,)),
                ("size", (size(value.size),)),
                ("kit", (value.cli_version,)),
                ("packed", (when(value.created, view.now),) if value.created else ()),
            ]
        ),
        (),
        *table(rows, right=(2,)),
        (),
        *[("  ", *line) for line in kitfile(value.kitfile, view)],
    ]


def layer_kind(layer: Descriptor) -> str:
    """What a layer holds, by its media type: ``model``, ``code``."""
    return layer.media_type.removeprefix("application/vnd.").split(".v1")[0].rpartition(".")[2]


def modelkit_tagged(value: ModelKitTagged, view: View) -> list[Line]:
    """``tag`` with references."""
    return [((value.digest[:DIGEST_SHOWN], "id"), " is now called ", (value.reference, "tag"))]


def names(value: Names, view: View) -> list[Line]:
    """What ``remove`` shows before it asks."""
    return [("  ", ("remove  ", "removed"), name) for name in value.names]


def kitfile_written(value: KitfileWritten, view: View) -> list[Line]:
    """``init --kitfile``: the Kitfile, and what to do next."""
    return [
        (("Written", "good"), f" to {value.file}:"),
        (),
        *[("  ", *line) for line in kitfile(value.kitfile, view)],
        (),
        ((f"Edit it, then: {view.program} snapshot, {view.program} pack -t NAME:TAG", "quiet"),),
    ]


def modelkit_difference(value: ModelKitDifference, view: View) -> list[Line]:
    """``diff`` with references: the layers, the Kitfile, then files and cells."""
    if value.same:
        return [(("The same.", "good"), " Both hold the same Kitfile and the same layers.")]
    words: dict[str, Style] = {"same": "quiet", "added": "added", "removed": "removed", "changed": "changed"}
    rows: list[tuple[Part, ...]] = [
        ((layer.change, words[layer.change]), layer.name, layer.path, (sizes(layer.old_size, layer.new_size), "quiet"))
        for layer in value.layers
    ]
    lines = [(("layers", "strong"),), *table(rows)]
    if value.kitfile:
        lines += [(), (("Kitfile", "strong"),), *unified(value.kitfile.lines, indent="  ")]
    unknown = [layer.name for layer in value.layers if layer.change != "same" and not layer.looked_into]
    if unknown:
        lines += [(), ((f"The store does not hold {', '.join(unknown)}: pull to see the files.", "quiet"),)]
    if value.changes:
        lines += change_groups(value.changes, view)
    for file in value.files:
        lines += [(), *file_difference(file)]
    return lines


def sizes(old: int | None, new: int | None) -> str:
    """A layer's size before and after; once where it is the same."""
    told = [size(count) for count in (old, new) if count is not None]
    return told[0] if len(set(told)) == 1 else " \u2192 ".join(told)


FORMS: dict[type, Callable[[Any, View], list[Line]]] = {
    Kitfile: kitfile,
    Field: field,
    PackPlan: pack_plan,
    PackResult: pack_result,
    UnpackPlan: unpack_plan,
    UnpackResult: unpack_result,
    ModelKitList: modelkits,
    ModelKitDetail: modelkit_detail,
    ModelKitTagged: modelkit_tagged,
    Names: names,
    KitfileWritten: kitfile_written,
    ModelKitDifference: modelkit_difference,
}

BRIEF: dict[type, Callable[[Any], list[str]]] = {
    Kitfile: lambda value: write_yaml(value).decode().splitlines(),
    Field: lambda value: [str(value.value)],
    PackPlan: lambda value: write_yaml(value.kitfile).decode().splitlines(),
    PackResult: lambda value: [value.digest],
    UnpackPlan: lambda value: [step.path for step in value.steps],
    UnpackResult: lambda value: [step.path for step in value.plan.steps],
    ModelKitList: lambda value: [entry.reference for entry in value.entries],
    ModelKitDetail: lambda value: [value.digest],
    ModelKitTagged: lambda value: [value.digest],
    Names: lambda value: list(value.names),
    KitfileWritten: lambda value: [value.file],
    ModelKitDifference: lambda value: [change.path for change in value.changes],
}
"""What ``--quiet`` prints."""
