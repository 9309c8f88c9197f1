"""The verbs that keep versions, show them, and go back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_kit.compare.changes import Diff, Status
from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.replies import Log, ModelKitTagged, Names, Noted, RemovalPlan, Removed, Tagged, Tags
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import modelkit_named, named, placed
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.snapshot import SnapshotDetail, SnapshotResult
from jupyter_kit.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_kit.modelkit.difference import ModelKitDifference


def _status(options: Options, workspace: Workspace, host: Host) -> Status:
    return workspace.status(progress=host.progress())


def _snapshot(options: Options, workspace: Workspace, host: Host) -> SnapshotResult:
    return workspace.snapshot(
        options.message,
        tags=tuple(options.tags),
        kind=options.kind,
        metrics=metrics(options.metrics, host) or None,
        notebook=host.notebook(options.notebook and named(options.notebook, options, workspace)),
        kernel=host.kernel(),
        progress=host.progress(),
    )


def metrics(assignments: list[str], host: Host) -> dict[str, float]:
    """``NAME=VALUE`` words as names and numbers. Raises InvalidInput."""
    return {name: host.number(name, value) for name, value in map(named_value, assignments)}


def named_value(assignment: str) -> tuple[str, str]:
    """``NAME=VALUE`` in its two parts. Raises InvalidInput."""
    name, equals, value = (part.strip() for part in assignment.partition("="))
    if not name or not equals or not value:
        raise InvalidInput(f"“{assignment}” is not a metric.", hint="Write it as NAME=VALUE, such as accuracy=0.971.")
    return name, value


def _log(options: Options, workspace: Workspace, host: Host) -> Log:
    limit = None if options.all else options.limit
    path = options.path and named(options.path, options, workspace)
    found = workspace.log(limit=limit and limit + 1, kind=options.kind, path=path, before=options.before, find=options.find)
    shown = found if limit is None else found[:limit]
    return Log(shown, cut=len(shown) < len(found), before=found[len(shown)] if len(shown) < len(found) else None)


def _show(options: Options, workspace: Workspace, host: Host) -> SnapshotDetail:
    return workspace.show(options.name)


def _diff(options: Options, workspace: Workspace, host: Host) -> Diff | ModelKitDifference:
    if options.before and modelkit_named(options.before):
        if options.after is None or options.paths:
            raise InvalidInput("ModelKits are compared two and two, as a whole.", hint="Name two, and no path.")
        return workspace.diff_modelkits(placed(options.before, options), placed(options.after, options))
    paths = tuple(named(path, options, workspace) for path in options.paths)
    found = workspace.diff(options.before, options.after, paths=paths, progress=host.progress())
    return replace(found, files=()) if options.stat else found


def _rollback(options: Options, workspace: Workspace, host: Host) -> RollbackPlan | RollbackResult:
    paths = tuple(named(path, options, workspace) for path in options.paths)
    plan = workspace.plan_rollback(options.name, paths, progress=host.progress())
    if options.dry_run:
        return plan
    if plan.steps and not options.yes:
        host.confirm("Write and delete these?", plan)
    return workspace.rollback(options.name, paths, plan=plan, progress=host.progress())


def _tag(options: Options, workspace: Workspace, host: Host) -> Tags | Tagged | ModelKitTagged:
    if options.tag is None:
        return Tags(workspace.tags())
    if modelkit_named(options.tag):
        if not modelkit_named(options.name):
            raise InvalidInput(
                f"Which ModelKit is to be called “{options.tag}”?", hint=f"Name it behind: tag {options.tag} REFERENCE. To make one: pack."
            )
        return ModelKitTagged(options.tag, workspace.tag_modelkit(options.tag, options.name, force=options.force))
    return Tagged(options.tag, workspace.tag(options.tag, options.name, force=options.force))


def _remove(options: Options, workspace: Workspace, host: Host) -> Removed:
    if any(map(modelkit_named, options.names)):
        return _remove_modelkits(options, workspace, host)
    if not options.yes and not options.tag_only:
        host.confirm("Forget these?", RemovalPlan(tuple(workspace.show(name).snapshot for name in options.names)))
    return Removed(workspace.remove(options.names, tags_only=options.tag_only))


def _remove_modelkits(options: Options, workspace: Workspace, host: Host) -> Removed:
    if not all(map(modelkit_named, options.names)) or options.tag_only:
        raise InvalidInput("Snapshots and ModelKits are removed one kind at a time.", hint="Run remove twice.")
    references = [placed(name, options) for name in options.names]
    if not options.yes:
        host.confirm("Forget these?", Names(tuple(references)))
    return Removed(workspace.remove_modelkits(references, remote=options.remote))


def _metric(options: Options, workspace: Workspace, host: Host) -> Noted:
    return Noted(workspace.metric(metrics(options.metrics, host)))


IN_WORKSPACE = {
    "status": _status,
    "snapshot": _snapshot,
    "log": _log,
    "show": _show,
    "diff": _diff,
    "rollback": _rollback,
    "tag": _tag,
    "remove": _remove,
    "metric": _metric,
}
