"""The verbs that move ModelKits and snapshots between places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.replies import Cloned, RemoteChanged, RemoteList, SignedIn, SignedOut
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import modelkit_named, named, placed
from jupyter_kit.frontends.verbs.overrides import overrides
from jupyter_kit.oci.reference import LAYOUT_PREFIX
from jupyter_kit.shown import Moved
from jupyter_kit.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_kit.sync.exchange import Synced
    from jupyter_kit.sync.pull import Pulled


def _push(options: Options, workspace: Workspace, host: Host) -> Moved:
    if options.reference is None:
        raise InvalidInput("push: missing REFERENCE.", hint="Name a ModelKit of this workspace; list shows them.")
    destination = placed(options.destination, options) if options.destination else None
    return workspace.push(options.reference, destination, progress=host.progress())


def _pull(options: Options, workspace: Workspace, host: Host) -> Moved | Pulled:
    if options.reference and modelkit_named(options.reference):
        if options.paths or options.all:
            raise InvalidInput("A ModelKit comes whole.", hint="Leave --only and --all out; unpack takes filters.")
        return workspace.pull(placed(options.reference, options), options.local, progress=host.progress())
    if options.local:
        raise InvalidInput(f"“{options.reference}” is no ModelKit.", hint="Write it as registry/repository:tag.")
    paths = [named(path, options, workspace) for path in options.paths]
    return workspace.pull_history(options.reference, paths=paths, everything=options.all, progress=host.progress())


def _sync(options: Options, workspace: Workspace, host: Host) -> Synced:
    return workspace.sync(options.remote, merge=options.merge, verify=options.verify, progress=host.progress())


def _clone(options: Options, host: Host) -> Cloned:
    folder = Path(options.folder or ".", options.into or clone_name(options.reference))
    with Workspace.clone(placed(options.reference, options), folder, overrides=overrides(options), progress=host.progress()) as workspace:
        return Cloned(str(workspace.folder), options.reference, workspace.status(progress=host.progress()))


def clone_name(reference: str) -> str:
    """The folder that a clone makes where none is named: the repository's, or the layout's, last word."""
    return reference.removeprefix(LAYOUT_PREFIX).rstrip("/").rpartition("/")[2].partition(":")[0].partition("@")[0] or "clone"


def _remote(options: Options, workspace: Workspace, host: Host) -> RemoteList | RemoteChanged:
    if options.action == "list":
        return RemoteList(workspace.remotes())
    if options.remote is None or (options.action == "add") is (options.reference is None):
        raise InvalidInput(
            f"remote {options.action} needs a name" + (" and a reference." if options.action == "add" else " alone."),
            hint="See: jupyter kit remote --help",
        )
    if options.action == "add":
        return RemoteChanged(workspace.add_remote(options.remote, placed(options.reference, options)), added=True)
    return RemoteChanged(workspace.remove_remote(options.remote, force=options.force), added=False)


def _login(options: Options, host: Host) -> SignedIn:
    username = options.username or host.ask(f"User name for {options.registry}: ")
    password = host.secret(f"Password or token of {username} for {options.registry}: ", piped=options.password_stdin)
    if not password:
        raise InvalidInput("The password is empty.", hint="Nothing was changed.")
    kept = Workspace.login(options.registry, username, password, folder=options.folder or ".", overrides=overrides(options))
    return SignedIn(options.registry, username, kept)


def _logout(options: Options, host: Host) -> SignedOut:
    return SignedOut(options.registry, Workspace.logout(options.registry, folder=options.folder or "."))


WITHOUT_WORKSPACE = {"login": _login, "logout": _logout, "clone": _clone}

IN_WORKSPACE = {"push": _push, "pull": _pull, "sync": _sync, "remote": _remote}
