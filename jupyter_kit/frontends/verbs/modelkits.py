"""The verbs that make ModelKits of snapshots and files of ModelKits, and that show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.replies import Field, ModelKitList
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import placed
from jupyter_kit.shown import PackPlan
from jupyter_kit.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_kit.modelkit.kitfile import Kitfile
    from jupyter_kit.modelkit.packing.pack import PackResult
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
    found = workspace.list(repository, kitops=options.kitops, progress=host.progress())
    return ModelKitList(found, place="kit's own store" if options.kitops else repository or "")


def _info(options: Options, workspace: Workspace, host: Host) -> Kitfile | Field:
    reference = placed(options.reference, options)
    if options.field:
        return Field(options.field, workspace.info_field(reference, options.field, remote=options.remote))
    return workspace.info(reference, remote=options.remote)


IN_WORKSPACE = {"pack": _pack, "unpack": _unpack, "list": _list, "info": _info}

ANYWHERE = frozenset({"unpack", "list", "info"})
"""Verbs that need no workspace: without one, a store that is gone afterwards takes what they fetch."""
