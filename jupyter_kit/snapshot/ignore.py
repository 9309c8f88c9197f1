"""Which paths a snapshot leaves out: the defaults, and the workspace's ``.kitignore``.

``.kitignore`` has Docker's pattern rules (moby/patternmatcher), as KitOps has them: patterns are anchored at the workspace, ``*`` and ``?``
stay within a name, ``**`` crosses folders, ``[a-z]`` and ``[^a]`` are classes, ``\\`` escapes, ``#`` in the first column is a comment,
``/`` at either end means nothing, a match on a folder matches all below it, ``!`` takes back, and the last line that matches decides.

Left out without being asked, at any depth: :data:`IGNORED_FOLDERS`, virtual environments (folders with a ``pyvenv.cfg``), what desktops
leave behind (:data:`JUNK`), and, always named in the result, what looks like a secret: ``.env`` files and private keys. A ``!`` line brings
such a path back where it matches the path itself, not only a folder above it, and its last name is not just wildcards: ``!.env`` and
``!**/*.pem`` do, ``!data`` and ``!data/*`` do not, so a list of what to keep never lets a secret in. Nothing brings back ``.kit``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xxhash import xxh3_64_digest

from jupyter_kit.errors import InvalidInput, Kind

IGNORE_FILE = ".kitignore"
"""In the workspace's root only. It belongs to the workspace, so no pattern keeps it out of a snapshot."""

OWN_FOLDER = ".kit"
"""Ours, at any depth: the files of a workspace inside a workspace are kept, its ``.kit`` is not."""

STAGING_FOLDER = ".kit-rollback"
"""Ours too: where a rollback that died left contents on a file system mounted inside the workspace."""

IGNORED_FOLDERS = frozenset({".git", ".ipynb_checkpoints", "__pycache__", "node_modules"})
"""Made by tools from what is kept, or with a history of its own."""

JUNK = frozenset(
    {".ds_store", ".appledouble", ".lsoverride", ".spotlight-v100", ".trashes", "thumbs.db", "desktop.ini", "$recycle.bin", "ehthumbs.db"}
)
"""What macOS and Windows leave in folders, in lower case (the list of KitOps)."""

KEY_SNIFF_BYTES = 64 * 1024
"""How much of a ``.pem`` or ``.key`` is searched for a private key: bundles of certificates with their key last are shorter."""

MAY_HOLD_SECRETS = "may hold secrets"
PRIVATE_KEY = "looks like a private key"

_SETTINGS_FILE = re.compile(r"\.env(?:\.(?!(?:example|sample|template)$).*)?", re.DOTALL)
_KEY_NAME = re.compile(r"id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)")
_KEY_SUFFIXES = (".pem", ".key")
_KEY_MARK = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_BYTE_ORDER_MARK = "\ufeff"
_FOLDERS = "(?:.*/)?"


class Verdict(Enum):
    """What becomes of a path."""

    KEPT = "kept"
    IGNORED = "ignored"
    NAMED = "named"
    """Left out and named in the result."""


@dataclass(frozen=True)
class Pattern:
    """One line of the file: ``text`` cleaned of ``!`` and outer slashes, ``regex`` for the path it matches itself."""

    text: str
    regex: str
    negated: bool


class Rules:
    """The defaults together with the lines of one ``.kitignore``."""

    def __init__(self, patterns: tuple[Pattern, ...] = ()) -> None:
        self._patterns = patterns
        self._runs = _runs(patterns)
        # The last line decides, so the alternatives stand in reverse: the first that fits is the one. Lines that agree in ``!`` share one.
        alternatives = [f"((?:{'|'.join(pattern.regex for pattern in run)})(?:/.*)?)" for run in reversed(self._runs)]
        self._decide = re.compile("|".join(alternatives) or r"(?!)", re.DOTALL)
        named = [pattern.regex for pattern in patterns if pattern.negated and pattern.text.rpartition("/")[2].strip("*?")]
        self._named = re.compile("|".join(named) or r"(?!)", re.DOTALL)
        self.fingerprint = xxh3_64_digest(repr([(pattern.regex, pattern.negated) for pattern in patterns]).encode())
        """Changes with the rules, so that what was decided by others is not taken from a cache. 8 bytes."""

    def verdict(self, path: str) -> Verdict:
        """What becomes of ``path`` (relative, with ``/``) by its name. Nobody asks about paths below a folder that is left out."""
        name = path.rpartition("/")[2]
        if _is_own(name):
            return Verdict.IGNORED
        if path == IGNORE_FILE:
            return Verdict.KEPT
        if self._ignored(path):
            return Verdict.IGNORED
        by_default = _default(name)
        return Verdict.KEPT if by_default is not Verdict.KEPT and self.named(path) else by_default

    def named(self, path: str) -> bool:
        """A ``!`` line asks for this very path, and no later line takes that back."""
        return self._named.fullmatch(path) is not None and not self._ignored(path)

    def may_keep_below(self, folder: str) -> bool:
        """Whether a ``!`` line could bring something back below a folder that :meth:`verdict` ignores. Errs on the side of yes."""
        name = folder.rpartition("/")[2]
        if _is_own(name) or _default(name) is not Verdict.KEPT:
            return False
        match = self._decide.fullmatch(folder)
        later = self._runs[len(self._runs) - match.lastindex + 1 :] if match and match.lastindex else []
        return any(pattern.negated and _reaches(pattern.text, folder) for run in later for pattern in run)

    def keeps(self, path: str) -> bool:
        """Whether a snapshot takes in a file of this path, as far as its name and the folders above it tell."""
        parts = path.split("/")
        above = ("/".join(parts[:count]) for count in range(1, len(parts)))
        walked = all(self.verdict(folder) is Verdict.KEPT or self.may_keep_below(folder) for folder in above)
        return walked and self.verdict(path) is Verdict.KEPT

    def _ignored(self, path: str) -> bool:
        match = self._decide.fullmatch(path)
        return match is not None and match.lastindex is not None and not self._runs[-match.lastindex][0].negated


def read_rules(workspace: Path) -> Rules:
    """The rules of a workspace. Raises InvalidInput (invalid-ignore-file) naming the line that does not parse."""
    return Rules(parse_patterns(read_ignored(workspace), str(workspace / IGNORE_FILE)))


def read_ignored(workspace: Path) -> str:
    """The ignore file as it is, empty where there is none. Raises InvalidInput as :func:`read_rules` does."""
    path = workspace / IGNORE_FILE
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unreadable(path, error) from error


def write_ignored(workspace: Path, text: str) -> None:
    """Put another text in the place of the ignore file, whole or not at all. Raises InvalidInput, for a line that does not parse too."""
    parse_patterns(text)
    path, beside = workspace / IGNORE_FILE, workspace / OWN_FOLDER / "ignore.new"
    try:
        with beside.open("wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}.",
            kind=Kind.PERMISSION_DENIED,
            hint="Make the folder writable for you, then try again.",
            path=str(path),
        ) from error


def _unreadable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"{path} cannot be read: {error.strerror}.",
        kind=Kind.INVALID_IGNORE_FILE,
        hint="Make it a readable text file, or remove it.",
        path=str(path),
    )


def parse_patterns(text: str, source: str = IGNORE_FILE) -> tuple[Pattern, ...]:
    """The patterns of an ignore file, in order. ``source`` names it in the error; raises InvalidInput (invalid-ignore-file)."""
    patterns: list[Pattern] = []
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split("\n"), 1):
        if line.startswith("#") or not line.strip():
            continue
        try:
            pattern = _parse(line.strip())
        except ValueError as error:
            raise InvalidInput(
                f"{source}, line {number}: “{line.strip()}” is not a pattern: {error}.",
                kind=Kind.INVALID_IGNORE_FILE,
                hint="Correct or remove the line; “\\” before a character takes it as it is.",
                path=source,
            ) from error
        if pattern is not None:
            patterns.append(pattern)
    return tuple(patterns)


def holds_private_key(name: str, head: bytes) -> bool:
    """Whether a file that may be a key by its name is one by its first :data:`KEY_SNIFF_BYTES`."""
    return may_be_key(name) and _KEY_MARK.search(head) is not None


def may_be_key(name: str) -> bool:
    """Whether a file of this name has to be looked into: certificates and presentations have the same endings as keys."""
    return name.lower().endswith(_KEY_SUFFIXES)


def secret_reason(path: str) -> str:
    """Why a path with the verdict NAMED is left out, as a fragment for people."""
    return PRIVATE_KEY if _KEY_NAME.fullmatch(path.rpartition("/")[2]) else MAY_HOLD_SECRETS


def _is_own(name: str) -> bool:
    return name.lower() in (OWN_FOLDER, STAGING_FOLDER)  # On macOS and Windows .KIT is the same folder.


def _default(name: str) -> Verdict:
    if name in IGNORED_FOLDERS or name.lower() in JUNK:
        return Verdict.IGNORED
    if _SETTINGS_FILE.fullmatch(name) or _KEY_NAME.fullmatch(name):
        return Verdict.NAMED
    return Verdict.KEPT


def _runs(patterns: tuple[Pattern, ...]) -> list[list[Pattern]]:
    """Neighbouring patterns that agree in ``!``."""
    runs: list[list[Pattern]] = []
    for pattern in patterns:
        if runs and runs[-1][0].negated == pattern.negated:
            runs[-1].append(pattern)
        else:
            runs.append([pattern])
    return runs


def _parse(line: str) -> Pattern | None:
    """The pattern of one line, None where it can match nothing. Raises ValueError with the reason as a fragment."""
    negated = line.startswith("!")
    if negated:
        line = line[1:].strip()
        if not line:
            raise ValueError("“!” stands alone")
    cleaned = _clean(line)
    regex = _translate(cleaned)
    return Pattern(cleaned, regex, negated) if cleaned not in ("", ".") else None


def _clean(pattern: str) -> str:
    """Without empty names, ``.`` and ``..``, as Go's filepath.Clean does it, and without a leading slash."""
    rooted = pattern.startswith("/")
    names: list[str] = []
    for name in pattern.split("/"):
        if name == ".." and names and names[-1] != "..":
            names.pop()
        elif name not in ("", ".", "..") or (name == ".." and not rooted):
            names.append(name)
    return "/".join(names)


def _translate(pattern: str) -> str:
    """The regular expression of a pattern, for the whole of a path. Raises ValueError.

    Follows Pattern.compile of moby/patternmatcher, two oddities of which are documented nowhere and relied upon: ``**`` before a name
    stands for whole folders (``a/**b`` matches ``a/x/b``, not ``a/xb``), but before a pattern that is otherwise plain text it is any
    ending (``**b`` matches ``xb``).
    """
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**", position):
            position += 2
            slash = pattern.startswith("/", position)
            position += slash
            if position == len(pattern) or (not parts and not slash and _is_plain(pattern[position:])):
                parts.append(".*")
            elif parts[-1:] != [_FOLDERS]:  # Said twice it means the same, and costs a backtracking matcher the square.
                parts.append(_FOLDERS)
        elif character == "*":
            parts.append("[^/]*")
            position += 1
        elif character == "?":
            parts.append("[^/]")
            position += 1
        elif character == "[":
            text, position = _class(pattern, position + 1)
            parts.append(text)
        elif character == "\\":
            if position + 1 == len(pattern):
                raise ValueError("“\\” stands at the end")
            parts.append(re.escape(pattern[position + 1]))
            position += 2
        else:
            parts.append(re.escape(character))
            position += 1
    return "".join(parts)


def _is_plain(pattern: str) -> bool:
    return not any(character in pattern for character in "*?[]\\")


def _class(pattern: str, position: int) -> tuple[str, int]:
    """The regular expression of a character class that begins before ``position``, and the position after it. Raises ValueError."""
    negated = pattern.startswith("^", position)
    position += negated
    ranges: list[str] = []
    while not (ranges and pattern.startswith("]", position)):
        low, position = _class_character(pattern, position)
        high = low
        if pattern.startswith("-", position):
            high, position = _class_character(pattern, position + 1)
        if high < low:
            raise ValueError(f"the range {low}-{high} is empty")
        ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    return f"[{'^' if negated else ''}{''.join(ranges)}]", position + 1


def _class_character(pattern: str, position: int) -> tuple[str, int]:
    """One character of a class and the position after it, by the grammar of Go's filepath.Match."""
    escaped = pattern.startswith("\\", position)
    position += escaped
    if position >= len(pattern):
        raise ValueError("“[” is not closed")
    if not escaped and pattern[position] in "-]":
        raise ValueError(f"“{pattern[position]}” has no meaning at this place of a class")
    return pattern[position], position + 1


def _reaches(pattern: str, folder: str) -> bool:
    """Whether a pattern could match a path strictly below ``folder``. Errs on the side of yes."""
    wanted, names = pattern.split("/"), folder.split("/")
    for name, part in zip(names, wanted, strict=False):
        if "**" in part or "[" in part:  # A class may hold a slash, so the parts are not the pattern's own from here on.
            return True
        if not re.fullmatch(_translate(part), name, re.DOTALL):
            return False
    return len(wanted) > len(names)
