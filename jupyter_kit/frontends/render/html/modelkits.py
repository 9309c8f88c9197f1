"""ModelKits as HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html.changes import LINES_SHOWN, cut_table, file_difference, groups, left_out, tags_of
from jupyter_kit.frontends.render.html.page import LINE_END, Markup, joined, table, tag
from jupyter_kit.frontends.render.text.changes import short
from jupyter_kit.frontends.render.text.modelkits import DIGEST_SHOWN, layer_kind, sizes
from jupyter_kit.frontends.render.words import clock, duration, plural, size
from jupyter_kit.frontends.replies import KitfileWritten, ModelKitList, ModelKitTagged, Names
from jupyter_kit.modelkit.difference import ModelKitDifference
from jupyter_kit.modelkit.kitfile import Kitfile
from jupyter_kit.modelkit.packing.pack import PackResult
from jupyter_kit.modelkit.unpacking.plan import UnpackPlan, UnpackResult, UnpackStep
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.shown import ModelKitDetail, PackPlan

CHANGES = {"same": "quiet", "added": "added", "removed": "removed", "changed": "changed"}
"""The style of each change of a layer."""


def digest(value: str) -> Markup:
    """The start of a digest; the whole of it where the pointer rests."""
    return tag("code", value[:DIGEST_SHOWN], title=value)


def kitfile(value: Kitfile) -> Markup:
    """``info``: the Kitfile as kit writes it."""
    lines = write_yaml(value).decode().splitlines()
    rest = len(lines) - LINES_SHOWN
    more = tag("div", f"\u2026 and {plural(rest, 'line')} more", kind="quiet") if rest > 0 else None
    return joined([tag("pre", *(joined([line, LINE_END]) for line in lines[:LINES_SHOWN])), more])


def pack_plan(value: PackPlan) -> Markup:
    """``pack --dry-run``, and what is shown before asking: the Kitfile, and what no layer holds."""
    told = f"As {value.origin} says:" if value.origin else "There is no Kitfile. This one fits the files:"
    heading = tag("div", "To pack: ", tag("code", short(value.snapshot)))
    return joined(
        [heading, tag("div", told, kind="quiet"), kitfile(value.kitfile), left_out([(gone.path, gone.reason) for gone in value.left_out])]
    )


def pack_result(value: PackResult) -> Markup:
    """``pack``: what it is called, its layers, and what it costs."""
    names = tags_of(reference.removeprefix("localhost/") for reference in value.references)
    cost = f"{plural(len(value.layers), 'layer')}, {size(value.bytes)}; {size(value.new_bytes)} new; {duration(value.seconds)}"
    rows = [
        (tag("span", layer.kind, kind="quiet"), tag("code", layer.path), size(layer.size), digest(layer.digest)) for layer in value.layers
    ]
    return joined(
        [
            tag("div", tag("span", "Packed as ", kind="good"), names, digest(value.digest)),
            tag("div", cost, kind="quiet"),
            cut_table(rows, header=("layer", "path", "size", "digest"), numbers=(2,)) if rows else None,
        ]
    )


def unpack_plan(value: UnpackPlan) -> Markup:
    """``unpack --dry-run``."""
    heading = tag("div", "To unpack into ", tag("code", value.folder), f": {plural(value.written, 'file')}, {size(value.bytes)}")
    rows = cut_table([_step_row(step) for step in value.steps], numbers=(2,)) if value.steps else None
    return joined([heading, rows, _unknown(value)])


def _step_row(step: UnpackStep) -> tuple[str, ...]:
    word, kind = {"write": ("write", "added"), "keep": ("keep", "quiet"), "folder": ("make", "added")}[step.action]
    if step.exists and step.action == "write":
        word, kind = "replace", "changed"
    return tag("span", word, kind=kind), tag("code", step.path), "folder" if step.action == "folder" else size(step.size)


def unpack_result(value: UnpackResult) -> Markup:
    """``unpack``: how much is where."""
    plan = value.plan
    kept = sum(step.action == "keep" for step in plan.steps)
    told = f"{plural(plan.written, 'file')}, {size(plan.bytes)}" + (f"; {kept:,} kept as they were" if kept else "")
    heading = tag("div", tag("span", "Unpacked", kind="good"), " into ", tag("code", plan.folder))
    return joined([heading, tag("div", f"{told}; every layer verified; {duration(value.seconds)}", kind="quiet"), _unknown(plan)])


def _unknown(plan: UnpackPlan) -> Markup | None:
    return left_out([(gone.path, gone.reason) for gone in plan.skipped])


def modelkits(value: ModelKitList) -> Markup:
    """``list``: one reference a row."""
    if not value.entries:
        if value.place:
            return tag("div", "There is no ModelKit in ", tag("code", value.place), ".")
        return tag("div", "There is no ModelKit yet. Make one: ", tag("code", f"{NOTEBOOK} pack -t NAME:TAG"))
    dated = any(entry.created for entry in value.entries)
    rows = [
        (
            joined([tag("b", entry.reference), tag("div", ", ".join(filter(None, (entry.name, entry.author))), kind="quiet")]),
            size(entry.size),
            digest(entry.digest),
            *([tag("span", clock(entry.created) if entry.created else "", kind="quiet")] if dated else []),
        )
        for entry in value.entries
    ]
    return cut_table(rows, header=("reference", "size", "digest", *(["packed"] if dated else [])), numbers=(1, 3))


def modelkit_detail(value: ModelKitDetail) -> Markup:
    """``inspect`` with a reference: the manifest's facts, its layers, the Kitfile."""
    told: list[tuple[str, str]] = [
        ("digest", tag("code", value.digest)),
        ("format", value.format),
        ("size", size(value.size)),
        ("kit", value.cli_version),
        ("packed", clock(value.created) if value.created else ""),
    ]
    facts = [(tag("span", name, kind="quiet"), fact) for name, fact in told if fact]
    rows = [
        (
            tag("span", layer_kind(layer), kind="quiet"),
            tag("code", layer.annotations.get("org.cncf.model.filepath", "")),
            size(layer.size),
            digest(layer.digest),
        )
        for layer in value.manifest.layers
    ]
    return joined(
        [
            tag("div", "ModelKit ", tag("b", value.reference)),
            table(facts),
            cut_table(rows, header=("layer", "path", "size", "digest"), numbers=(2,)) if rows else None,
            tag("h4", "Kitfile"),
            kitfile(value.kitfile),
        ]
    )


def modelkit_tagged(value: ModelKitTagged) -> Markup:
    """``tag`` with references."""
    return tag("div", tag("span", value.reference, kind="tag"), " is ", digest(value.digest))


def names(value: Names) -> Markup:
    """What ``remove`` shows before it asks."""
    return table([(tag("span", "remove", kind="removed"), tag("b", name)) for name in value.names])


def kitfile_written(value: KitfileWritten) -> Markup:
    """``init --kitfile``: the Kitfile, and what to do next."""
    heading = tag("div", tag("span", "Written", kind="good"), " to ", tag("code", value.file))
    steps = tag("code", f"{NOTEBOOK} snapshot"), ", ", tag("code", f"{NOTEBOOK} pack -t NAME:TAG")
    return joined([heading, kitfile(value.kitfile), tag("div", "Edit it, then: ", *steps, kind="quiet")])


def modelkit_difference(value: ModelKitDifference) -> Markup:
    """``diff`` with references: the layers, the Kitfile, then files and cells."""
    if value.same:
        return tag("div", tag("span", "The same.", kind="good"), " Both hold the same Kitfile and the same layers.")
    rows = [
        (
            tag("span", layer.change, kind=CHANGES[layer.change]),
            layer.name,
            tag("code", layer.path),
            tag("span", sizes(layer.old_size, layer.new_size), kind="quiet"),
        )
        for layer in value.layers
    ]
    unknown = [layer.name for layer in value.layers if layer.change != "same" and not layer.looked_into]
    pull = f"The store does not hold {', '.join(unknown)}: pull to see the files."
    return joined(
        [
            tag("div", "From ", digest(value.before), " to ", digest(value.after)),
            cut_table(rows, header=("", "layer", "path", "size")) if rows else None,
            file_difference(value.kitfile) if value.kitfile else None,
            tag("div", pull, kind="quiet") if unknown else None,
            groups(value.changes),
            *map(file_difference, value.files),
        ]
    )


FORMS: dict[type, Callable[[Any], Markup]] = {
    Kitfile: kitfile,
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
