"""What may come next on a command line, and the scripts that teach shells to ask.

The scripts ask us at each TAB, so they know every verb, option, snapshot and file and never grow stale. argcomplete does the same, as a
dependency and by running the program under an environment variable.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_kit.errors import KitError
from jupyter_kit.frontends import arguments
from jupyter_kit.frontends.arguments import TERMINAL, Parser, parser
from jupyter_kit.workspace import Workspace

COMPLETE = "__complete"
"""The hidden verb that the scripts call, with the words typed so far, the unfinished one last."""

NAMES = {"name", "names", "before", "after"}
"""Options and arguments that take a snapshot."""

MODELKITS = {"reference", "destination", "local", "before", "after", "names"}
"""Options and arguments that take a ModelKit."""

SNAPSHOTS_ONLY = {"log", "history", "compare"}
"""Verbs that take no ModelKit where others of the same names do."""

REMOTES = {"remote"}
"""Arguments that take the name of a remote."""

FILTERS = ("kitfile", "model", "datasets", "code", "docs", "prompts", "mcpservers")
"""Types of layers, as the option that takes some of a ModelKit spells them."""

PATHS = {"path", "paths"}
"""Options and arguments that take a file of the workspace."""


def candidates(words: Sequence[str], folder: str = ".", prog: str = TERMINAL) -> list[str]:
    """The words that may stand where the last of ``words`` is. Never raises a KitError: TAB answers nothing rather than an error."""
    words, cut = _joined(words)
    *before, partial = _unquoted(words) or [""]
    if cut:
        return [found[len(cut) :] for found in candidates([*before, partial], folder, prog) if found.startswith(cut)]
    option, equals, value = partial.partition("=")
    if equals and option.startswith("--"):
        return [f"{option}={found}" for found in candidates([*before, option, value], folder, prog)]
    try:
        return [word for word in _possible(before, partial, folder, prog) if word.startswith(partial) and word.isprintable()]
    except KitError:
        return []


def _joined(words: Sequence[str]) -> tuple[list[str], str]:
    """The words as they were typed, and the start of the last that its completion leaves out: bash takes ``a:v1`` for three words."""
    joined: list[str] = []
    for index, word in enumerate(words):
        if joined and (word == ":" or (index > 0 and words[index - 1] == ":")):
            joined[-1] += word
        else:
            joined.append(word)
    cut = joined[-1].rpartition(":") if ":" in words[-2:] else ("", "", "")
    return joined, cut[0] + cut[1]


def _unquoted(words: Sequence[str]) -> list[str]:
    """The words as the shell would pass them. Bash hands them over as typed, with quotes, and cut at ``=``."""
    plain = []
    for word in words:
        try:
            plain.append("".join(shlex.split(word)))
        except ValueError:
            plain.append(word.lstrip("'\""))
    return [word for word in plain[:-1] if word != "="] + ["" if word == "=" else word for word in plain[-1:]]


def _possible(before: list[str], partial: str, folder: str, prog: str) -> list[str]:
    names: list[str] = []
    verb: Parser | None = None
    taking: argparse.Action | None = None
    separated = False
    for word in before:
        if taking is not None:
            folder = word if taking.dest == "folder" else folder
            taking = None
        elif word == "--":
            separated = True
        elif word.startswith("-") and word != "-" and not separated:
            taking = _option(verb or parser("status", prog), word)
        elif verb is None and word == "help":
            return [*arguments.words(prog)]
        elif verb is None:
            verb = parser(word, prog)
        else:
            names.append(word)
    known = verb or parser("status", prog)
    if taking is not None:
        return _values(known.prog, taking, partial, names, folder)
    if partial.startswith("-") and not separated:
        return [option for action in known._actions for option in action.option_strings]
    if verb is None:
        return [*arguments.words(prog), "help"]
    if separated:
        return _paths(partial, "HEAD", folder)
    takes = [action for action in verb._actions if not action.option_strings]
    if not takes or (len(names) >= len(takes) and takes[-1].nargs not in {"*", "+"}):
        return []
    return _values(verb.prog, takes[min(len(names), len(takes) - 1)], partial, names, folder)


def _option(verb: Parser, word: str) -> argparse.Action | None:
    """The option that ``word`` is, if it waits for a value."""
    return next((action for action in verb._actions if word in action.option_strings and action.nargs != 0), None)


def _values(prog: str, action: argparse.Action, partial: str, names: list[str], folder: str) -> list[str]:
    if action.choices:
        return [str(choice) for choice in action.choices]
    verb = prog.rpartition(" ")[2]
    if action.dest in PATHS:
        return _paths(partial, names[0] if names and verb != "pull" else "HEAD", folder)
    if action.dest == "filters":
        return _filters(names, folder)
    if action.dest not in NAMES | MODELKITS | REMOTES or verb == "clone" or (verb == "remote" and names[0] != "remove"):
        return []
    with Workspace.open(folder) as workspace:
        found = workspace.names() if action.dest in NAMES else []
        if (action.dest in MODELKITS and verb not in SNAPSHOTS_ONLY) or (verb == "tag" and action.dest == "name"):
            found = [*found, *workspace.modelkit_names()]
        if action.dest in REMOTES or (verb == "pull" and action.dest == "reference"):
            found = [*(remote.name for remote in workspace.remotes()), *found]
        return found


def _filters(names: list[str], folder: str) -> list[str]:
    """Types of layers, and the entries of the ModelKit that is named, if this workspace has it."""
    found = [*FILTERS]
    with Workspace.open(folder) as workspace:
        if names and names[0] in workspace.modelkit_names():
            kit = workspace.info(names[0])
            lists: dict[str, tuple[Any, ...]] = {
                "code": kit.code,
                "datasets": kit.datasets,
                "docs": kit.docs,
                "prompts": kit.prompts,
                "mcpservers": kit.mcp_servers,
            }
            found += [f"{kind}:{getattr(entry, 'name', '') or entry.path}" for kind, entries in lists.items() for entry in entries]
    return found


def _paths(partial: str, snapshot: str, folder: str) -> list[str]:
    """Files of a snapshot, one level at a time: a folder is offered before what is in it."""
    with Workspace.open(folder) as workspace:
        here = Path(folder).absolute().relative_to(workspace.folder)
        inside = "" if here == Path() else f"{here.as_posix()}/"  # Paths are typed from the folder one is in.
        known = (path.removeprefix(inside) for path in workspace.paths(snapshot) if path.startswith(inside))
        found = (path for path in known if path.startswith(partial))
        levels = {path[: path.find("/", len(partial)) + 1] or path for path in found}
    return sorted(levels)


BASH = """\
# Completion of jupyter-kit and jupyter kit.
_jupyter_kit() {
    local start=1 IFS=$'\\n'
    if [[ ${COMP_WORDS[0]##*/} == jupyter ]]; then
        [[ $COMP_CWORD -ge 2 && ${COMP_WORDS[1]} == kit ]] || return 0
        start=2
    fi
    COMPREPLY=($(jupyter-kit __complete "${COMP_WORDS[@]:start:COMP_CWORD-start+1}" 2>/dev/null))
    [[ ${#COMPREPLY[@]} -gt 0 ]] && compopt -o filenames
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
    return 0
}
complete -o default -F _jupyter_kit jupyter-kit
complete -p jupyter >/dev/null 2>&1 || complete -o default -F _jupyter_kit jupyter
"""

ZSH = """\
#compdef jupyter-kit jupyter
# Completion of jupyter-kit and jupyter kit.
_jupyter_kit() {
    local start=2
    if [[ ${words[1]:t} == jupyter ]]; then
        if [[ ${words[2]} != kit || $CURRENT -lt 3 ]]; then
            if (( $+functions[_jupyter] )); then _jupyter "$@"; else _default; fi
            return
        fi
        start=3
    fi
    local -a found=("${(@f)$(jupyter-kit __complete "${(@)words[start,CURRENT]}" 2>/dev/null)}")
    if [[ -z ${found[1]} ]]; then
        _files
        return
    fi
    compadd -S '' -- ${(M)found:#*/}
    compadd -- ${found:#*/}
}
if [[ ${funcstack[1]} == _jupyter[-_]kit ]]; then
    _jupyter_kit "$@"
else
    compdef _jupyter_kit jupyter-kit jupyter
fi
"""

FISH = """\
# Completion of jupyter-kit and jupyter kit.
function __jupyter_kit_complete
    set -l typed (commandline -opc)
    set -e typed[1]
    if string match -q '*jupyter' -- (commandline -opc)[1]
        set -e typed[1]
    end
    set -l found (jupyter-kit __complete $typed (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c jupyter-kit -f -a '(__jupyter_kit_complete)'
complete -c jupyter -n '__fish_seen_subcommand_from kit' -f -a '(__jupyter_kit_complete)'
"""

SCRIPTS: dict[str, str] = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""By the name of the shell."""
