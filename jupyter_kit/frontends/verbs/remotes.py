"""The verbs that move ModelKits and snapshots between places."""

from __future__ import annotations

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.replies import SignedIn, SignedOut
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.named import placed
from jupyter_kit.workspace import Workspace
from jupyter_kit.workspace.remotes import Moved


def _push(options: Options, workspace: Workspace, host: Host) -> Moved:
    destination = placed(options.destination, options) if options.destination else None
    return workspace.push(options.reference, destination, progress=host.progress())


def _pull(options: Options, workspace: Workspace, host: Host) -> Moved:
    return workspace.pull(placed(options.reference, options), options.local, progress=host.progress())


def _login(options: Options, host: Host) -> SignedIn:
    username = options.username or host.ask(f"User name for {options.registry}: ")
    password = host.secret(f"Password or token of {username} for {options.registry}: ", piped=options.password_stdin)
    if not password:
        raise InvalidInput("The password is empty.", hint="Nothing was changed.")
    return SignedIn(options.registry, username, Workspace.login(options.registry, username, password, folder=options.folder or "."))


def _logout(options: Options, host: Host) -> SignedOut:
    return SignedOut(options.registry, Workspace.logout(options.registry, folder=options.folder or "."))


WITHOUT_WORKSPACE = {"login": _login, "logout": _logout}

IN_WORKSPACE = {"push": _push, "pull": _pull}
