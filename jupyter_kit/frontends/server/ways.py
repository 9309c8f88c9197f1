"""How each verb is answered: whether it only looks, how long it takes, whether it must be confirmed, and what it changes."""

from __future__ import annotations

from jupyter_kit.frontends.arguments import VERBS, Options
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import Reason

ROUTED = tuple(verb for verb in VERBS if verb != "completion")
"""Verbs that a browser can ask for: all but the one about shells."""

LOOKING = frozenset({"status", "log", "show", "diff", "list", "info", "inspect", "version"})
"""Verbs that never change anything."""

LONG = frozenset({"snapshot", "rollback", "check", "prune", "pack", "unpack", "push", "pull", "sync", "clone"})
"""Verbs that are answered with a job."""

CONFIRMED = frozenset({"rollback", "prune", "remove"})
"""Verbs that ask in a terminal, always. ``pack`` does where the Kitfile is only inferred."""

WRITING = frozenset({"init", "rollback", "unpack", "pull", "sync", "clone"})
"""Verbs that write files beside the store."""

NETWORK = frozenset({"plain_http", "ca_file", "client_cert", "client_key", "proxy"})
"""Options that say how registries are reached. A link that somebody is lured into following must not set them: they need a POST."""

REASONS: dict[str, Reason] = {
    "init": "snapshot", "snapshot": "snapshot", "metric": "files", "rollback": "rollback", "tag": "tag", "remove": "remove",
    "prune": "remove", "pack": "modelkit", "unpack": "files", "push": "modelkit", "pull": "modelkit", "sync": "sync", "clone": "sync",
    "remote": "sync", "check": "outside",
}  # fmt: skip
"""What an event says of each verb that changes something."""


def looks(options: Options) -> bool:
    """The verb, with these options, changes nothing."""
    match options.verb:
        case "metric":
            return not options.metrics
        case "tag":
            return options.tag is None
        case "remote":
            return bool(options.action == "list")
        case "audit":
            return bool(options.action != "export")
        case verb:
            return verb in LOOKING or (verb in CONFIRMED | {"pack"} and getattr(options, "dry_run", False))


def tells_content(options: Options) -> bool:
    """The answer shows what is in files."""
    return bool(options.verb == "diff")


def writes_files(options: Options) -> bool:
    """The verb writes into the folder, and not only into the store."""
    if getattr(options, "dry_run", False):
        return False
    return options.verb in WRITING or (options.verb == "audit" and options.action == "export")


def is_long(options: Options) -> bool:
    """The verb, with these options, is answered with a job."""
    if getattr(options, "dry_run", False):
        return False
    return options.verb in LONG or (options.verb == "init" and options.kitfile) or (options.verb == "remove" and options.remote)


def is_alone(options: Options) -> bool:
    """The job waits for others of its workspace, because it changes it. The others only read what is kept."""
    return options.repair or options.rebuild if options.verb == "check" else options.verb not in {"push", "remove"}


def is_unconfirmed(options: Options) -> bool:
    """The verb would ask in a terminal, and nobody has agreed."""
    harmless = any(getattr(options, name, False) for name in ("yes", "dry_run", "tag_only"))
    return options.verb in CONFIRMED and not harmless


def reason(options: Options) -> Reason | None:
    """What an event says of the change; None where nothing changes that a workspace shows."""
    if looks(options) or getattr(options, "dry_run", False):
        return None
    if options.verb == "pull" and not (options.reference and house.modelkit_named(options.reference)):
        return "sync"
    named = {"tag": [getattr(options, "tag", None)], "remove": getattr(options, "names", [])}.get(options.verb, [])
    return "modelkit" if any(name and house.modelkit_named(name) for name in named) else REASONS.get(options.verb)
