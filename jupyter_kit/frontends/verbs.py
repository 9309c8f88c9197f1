"""What each verb does: one function a verb, for the terminal and for notebooks.

A function takes the options, an open workspace and the host, which is the place the verb was typed in; it returns the answer, and prints
nothing.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from jupyter_kit.compare.changes import Diff, Status
from jupyter_kit.errors import Conflict, InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.completion import SCRIPTS
from jupyter_kit.frontends.replies import Events, Exported, Log, Made, Noted, RemovalPlan, Removed, Tagged, Tags, Text, Version
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.snapshot import SnapshotDetail, SnapshotResult
from jupyter_kit.store.audit import AuditReport
from jupyter_kit.store.reports import CheckReport, PrunePlan, PruneResult, StoreFacts
from jupyter_kit.version import __version__
from jupyter_kit.workspace import Workspace

EVENTS_SHOWN = 50
"""Events that ``audit`` lists where no number is asked for: two screens."""


class Host(Protocol):
    """The place a verb was typed in: a terminal or a notebook."""

    def progress(self) -> Progress:
        """Where long work tells what it has done."""

    def confirm(self, question: str, plan: object) -> None:
        """Show ``plan`` and ask. Returns where the user agrees; raises Cancelled where not, InvalidInput where nobody can be asked."""

    def number(self, name: str, value: str) -> float:
        """The number that ``value`` gives for the metric ``name``: a literal, or a variable where there are some. Raises InvalidInput."""

    def notebook(self, named: str | None) -> str | None:
        """The notebook the verb was typed in; ``named`` where the user says which. None where it is not known."""

    def kernel(self) -> str | None:
        """The id of the kernel, where there is one."""


def run(options: Options, host: Host) -> object:
    """Carry out the verb of ``options`` and return its answer, a value of a type that has a text, an HTML and a JSON form."""
    if options.verb in WITHOUT_WORKSPACE:
        return WITHOUT_WORKSPACE[options.verb](options, host)
    rebuild = options.verb == "check" and options.rebuild
    with Workspace.open(options.folder or ".", rebuild=rebuild, progress=host.progress()) as workspace:
        return IN_WORKSPACE[options.verb](options, workspace, host)


def _help(options: Options, host: Host) -> Text:
    return Text(options.text)


def _version(options: Options, host: Host) -> Version:
    return Version(__version__, platform.python_version())


def _completion(options: Options, host: Host) -> Text:
    return Text(SCRIPTS[options.shell])


def _init(options: Options, host: Host) -> Made:
    with Workspace.init(options.folder or ".") as workspace:
        return Made(str(workspace.folder))


def _status(options: Options, workspace: Workspace, host: Host) -> Status:
    return workspace.status(progress=host.progress())


def named(path: str, options: Options, workspace: Workspace) -> str:
    """A path as the workspace names it. People type paths from the folder they are in, or from the one that -C names."""
    place = Path(os.path.normpath(Path(options.folder or ".").absolute() / path))
    same_drive = place.drive == workspace.folder.drive  # On Windows nothing leads from one drive to another.
    return Path(os.path.relpath(place, workspace.folder)).as_posix() if same_drive else str(place)


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
    found = workspace.log(limit=limit and limit + 1, kind=options.kind, path=options.path and named(options.path, options, workspace))
    shown = found if limit is None else found[:limit]
    return Log(shown, cut=len(shown) < len(found), before=found[len(shown)] if len(shown) < len(found) else None)


def _show(options: Options, workspace: Workspace, host: Host) -> SnapshotDetail:
    return workspace.show(options.name)


def _diff(options: Options, workspace: Workspace, host: Host) -> Diff:
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


def _tag(options: Options, workspace: Workspace, host: Host) -> Tags | Tagged:
    if options.tag is None:
        return Tags(workspace.tags())
    return Tagged(options.tag, workspace.tag(options.tag, options.name, force=options.force))


def _remove(options: Options, workspace: Workspace, host: Host) -> Removed:
    if not options.yes and not options.tag_only:
        host.confirm("Forget these?", RemovalPlan(tuple(workspace.show(name).snapshot for name in options.names)))
    return Removed(workspace.remove(options.names, tags_only=options.tag_only))


def _check(options: Options, workspace: Workspace, host: Host) -> CheckReport:
    return workspace.check(repair=options.repair, progress=host.progress())


def _prune(options: Options, workspace: Workspace, host: Host) -> PrunePlan | PruneResult:
    rules = {
        "keep_last": options.keep_last,
        "keep_hourly": options.keep_hourly,
        "keep_daily": options.keep_daily,
        "keep_tagged": not options.drop_tagged,
    }
    plan = workspace.plan_prune(**rules)
    if options.dry_run:
        return plan
    if (plan.remove or plan.dead_bytes) and not options.yes:
        host.confirm("Remove these?", plan)
    return workspace.prune(**rules, plan=plan, progress=host.progress())


def _inspect(options: Options, workspace: Workspace, host: Host) -> StoreFacts:
    return workspace.inspect()


def _audit(options: Options, workspace: Workspace, host: Host) -> Events | AuditReport | Exported:
    path = options.path and named(options.path, options, workspace)
    filters = {"since": options.since, "until": options.until, "actor": options.actor, "verb": options.of_verb, "path": path}
    if options.action != "list" and (options.limit or any(filters.values())):
        raise InvalidInput(f"audit {options.action} reads the whole record and takes no filter.")
    if options.target is not None and options.action != "export":
        raise InvalidInput(f"audit {options.action} does not take “{options.target}”.")
    if options.action == "verify":
        return workspace.audit_verify()
    if options.action == "export":
        return _export(options, workspace)
    limit = options.limit or EVENTS_SHOWN
    found = workspace.audit(**filters, limit=limit + 1)
    return Events(found[-limit:], cut=len(found) > limit)


def _export(options: Options, workspace: Workspace) -> Exported:
    if options.target is None:
        raise InvalidInput("audit export needs a file to write to.", hint="Name one, or - for the output.")
    if options.target == "-":
        if options.json:
            raise InvalidInput("--json and the export both want the output.", hint="Export to a file, or leave --json out.")
        return Exported(workspace.audit_export(sys.stdout, format=options.format), "-", options.format)
    target = Path(options.folder or ".", options.target)
    try:
        # Names that are not UTF-8 reach the file as the bytes they are.
        with target.open("x", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return Exported(workspace.audit_export(stream, format=options.format), options.target, options.format)
    except FileExistsError:
        raise Conflict(f"{target} exists already.", hint="Remove it, or name another file.", path=options.target) from None
    except OSError as problem:
        target.unlink(missing_ok=True)
        raise InvalidInput(
            f"{target} cannot be written: {problem.strerror}.", hint="Name a file you may write.", path=options.target
        ) from problem


def _metric(options: Options, workspace: Workspace, host: Host) -> Noted:
    return Noted(workspace.metric(metrics(options.metrics, host)))


WITHOUT_WORKSPACE: dict[str, Callable[[Options, Host], object]] = {
    "help": _help,
    "init": _init,
    "version": _version,
    "completion": _completion,
}

IN_WORKSPACE: dict[str, Callable[[Options, Workspace, Host], object]] = {
    "status": _status,
    "snapshot": _snapshot,
    "log": _log,
    "show": _show,
    "diff": _diff,
    "rollback": _rollback,
    "tag": _tag,
    "remove": _remove,
    "check": _check,
    "prune": _prune,
    "inspect": _inspect,
    "audit": _audit,
    "metric": _metric,
}
