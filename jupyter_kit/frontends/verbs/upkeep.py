"""The verbs that look after the store, and those about the program itself."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from jupyter_kit.errors import Conflict, InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.completion import SCRIPTS
from jupyter_kit.frontends.replies import Events, Exported, KitfileWritten, Made, Text, Version
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import named, placed
from jupyter_kit.shown import ModelKitDetail
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, PrunePlan, PruneResult, StoreFacts
from jupyter_kit.version import __version__
from jupyter_kit.workspace import Workspace

EVENTS_SHOWN = 50
"""Events that ``audit`` lists where no number is asked for: two screens."""


def _help(options: Options, host: Host) -> Text:
    return Text(options.text)


def _version(options: Options, host: Host) -> Version:
    return Version(__version__, platform.python_version())


def _completion(options: Options, host: Host) -> Text:
    return Text(SCRIPTS[options.shell])


def _init(options: Options, host: Host) -> Made | KitfileWritten:
    if options.kitfile:
        return _write_kitfile(options, host)
    with Workspace.init(options.folder or ".") as workspace:
        return Made(str(workspace.folder))


def _write_kitfile(options: Options, host: Host) -> KitfileWritten:
    """In a workspace that is made, or that is there already; a Kitfile is inferred from a snapshot, so one is taken where there is none."""
    folder = Path(options.folder or ".")
    try:
        workspace = Workspace.init(folder)
    except Conflict:
        workspace = Workspace.open(folder)
    with workspace:
        if not workspace.log(limit=1):
            workspace.snapshot("before the Kitfile", progress=host.progress())
        file, kitfile = workspace.write_kitfile()
        return KitfileWritten(str(file), kitfile)


def _check(options: Options, workspace: Workspace, host: Host) -> CheckReport:
    return workspace.check(repair=options.repair, progress=host.progress())


def _prune(options: Options, workspace: Workspace, host: Host) -> PrunePlan | PruneResult:
    rules = {
        "keep_last": options.keep_last,
        "keep_hourly": options.keep_hourly,
        "keep_daily": options.keep_daily,
        "keep_tagged": not options.drop_tagged,
        "kind": options.kind,
    }
    plan = workspace.plan_prune(**rules)
    if options.dry_run:
        return plan
    if (plan.remove or plan.dead_bytes) and not options.yes:
        host.confirm("Remove these?", plan)
    return workspace.prune(**rules, plan=plan, progress=host.progress())


def _inspect(options: Options, workspace: Workspace, host: Host) -> StoreFacts | ModelKitDetail:
    if options.reference is None:
        return workspace.inspect()
    return workspace.inspect_modelkit(placed(options.reference, options), remote=options.remote)


def _audit(options: Options, workspace: Workspace, host: Host) -> Events | AuditReport | Exported:
    path = options.path and named(options.path, options, workspace)
    filters = {"since": options.since, "until": options.until, "actor": options.actor, "verb": options.of_verb, "path": path}
    if options.action != "list" and (options.limit or any(filters.values())):
        raise InvalidInput(
            f"audit {options.action} reads the whole record and takes no filter.",
            hint="Leave the filter out, or list events with “jupyter kit audit”.",
        )
    if options.target is not None and options.action != "export":
        raise InvalidInput(f"audit {options.action} does not take “{options.target}”.", hint="See: jupyter kit audit --help")
    if options.remotes and options.action != "verify":
        raise InvalidInput("Only audit verify asks a remote.", hint="Write “jupyter kit audit verify --remote NAME”.")
    if options.action == "verify":
        return workspace.audit_verify(options.remotes or (), progress=host.progress())
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
            raise InvalidInput("JSON and the export both want the output.", hint="Export to a file, or leave --json out.")
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


WITHOUT_WORKSPACE = {
    "help": _help,
    "init": _init,
    "version": _version,
    "completion": _completion,
}

IN_WORKSPACE = {
    "check": _check,
    "prune": _prune,
    "inspect": _inspect,
    "audit": _audit,
}
