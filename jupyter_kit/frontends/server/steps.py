"""The next step after an error, in the words of the lab: hints name commands as one types them in a terminal."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

COMMANDS = {
    "audit": "Show Who Did What",
    "check": "Check All That Is Kept",
    "init": "Keep Versions of This Folder",
    "list": "Show ModelKits",
    "log": "Show History",
    "login *": "Sign In to a Registry…",
    "prune": "Free Space…",
    "pull *": "Pull",
    "remote add *": "Add a Remote…",
    "snapshot": "Take a Snapshot…",
    "snapshot -m *": "Take a Snapshot…",
    "status": "Show What Has Changed",
    "sync": "Sync",
}
"""What the lab calls them; its tests and ours compare the names. A command that is not here is one for a terminal."""

_COMMAND = re.compile(r"“(?P<quoted>(?:jupyter kit|pip) [^”]+)”|(?P<bare>(?:jupyter kit|pip) .+?)(?=[.,;)]+\s|[.,;)]*$)")

_OPTION = re.compile(r"(?P<quoted>“[^”]+”)|--(?P<option>[a-z-]+)(?: [A-Z]+\b)?")


def in_the_lab(hint: str) -> str:
    """The hint for somebody who looks at the lab: there, commands have labels, and options are no more than names."""
    told = _COMMAND.sub(lambda found: _command(found["quoted"] or found["bare"]), hint)
    return _OPTION.sub(lambda found: found["quoted"] or f"“{found['option']}”", told)


def _command(typed: str) -> str:
    words = typed.removeprefix("jupyter kit ")
    known = (label for pattern, label in COMMANDS.items() if fnmatchcase(words, pattern) and "--" not in words)
    label = next(known, None)
    return f"“{label}”" if label else f"“{typed}” in a terminal"
