"""The verbs that make ModelKits of snapshots and files of ModelKits, and that show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.errors import NotFound
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.replies import Field, ModelKitList
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import placed
from jupyter_kit.shown import PackPlan
from jupyter_kit.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_kit.modelkit.kitfile import Kitfile
    from jupyter_kit.modelkit.pack import PackResult
    from jupyter_kit.modelkit.unpacking.plan import Existing, UnpackPlan, UnpackResult


def _pack(options: Options, workspace: Workspace, host: Host) -> PackPlan | PackResult:
    kitfile = Path(options.folder or ".", options.kitfile) if options.kitfile else None
    plan = workspace.plan_pack(options.name, kitfile=kitfile)
    if options.dry_run:
        return plan
    if not plan.origin and not options.yes:
        host.confirm("Pack it like this?", plan)
    return workspace.pack(
        options.name,
        [options.reference] if options.reference else [],
        plan=plan,
        compression=options.compression,
        modelpack=options.use_model_pack,
        progress=host.progress(),
    )


def _unpack(options: Options, workspace: Workspace, host: Host) -> UnpackPlan | UnpackResult:
    reference, folder = placed(options.reference, options), Path(options.folder or ".", options.into)
    existing: Existing = "ignore" if options.ignore_existing else "overwrite" if options.overwrite else "error"
    if options.dry_run:
        return workspace.plan_unpack(reference, folder, filters=options.filters, existing=existing)
    return workspace.unpack(reference, folder, filters=options.filters, existing=existing, progress=host.progress())


def _list(options: Options, workspace: Workspace, host: Host) -> ModelKitList:
    repository = options.repository and placed(options.repository, options)
    return ModelKitList(workspace.list(repository, kitops=options.kitops), place="kit's own store" if options.kitops else repository or "")


def _info(options: Options, workspace: Workspace, host: Host) -> Kitfile | Field:
    kitfile = workspace.info(placed(options.reference, options), remote=options.remote)
    return Field(options.field, field_of(kitfile, options.field)) if options.field else kitfile


def field_of(kitfile: Kitfile, path: str) -> object:
    """What a Kitfile says under ``.model.name``, ``.datasets.0.path``; names in any case, as kit takes them. Raises NotFound."""
    found = kitfile.as_json()
    for word in filter(None, path.split(".")):
        names = {name.lower(): value for name, value in found.items()} if isinstance(found, dict) else {}
        if isinstance(found, list) and word.isascii() and word.isdigit() and int(word) < len(found):
            found = found[int(word)]
        elif word.lower() in names:
            found = names[word.lower()]
        else:
            raise NotFound(f"The Kitfile says nothing under “{path}”.", hint="See all it says: leave --filter out.")
    return found


IN_WORKSPACE = {"pack": _pack, "unpack": _unpack, "list": _list, "info": _info}

ANYWHERE = frozenset({"unpack", "list", "info"})
"""Verbs that need no workspace: without one, a store that is gone afterwards takes what they fetch."""
