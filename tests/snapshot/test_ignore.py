"""Docker's pattern rules, and what is left out without being asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.snapshot.ignore import Rules, Verdict, holds_private_key, parse_patterns, read_rules, secret_reason


def verdict(patterns: str, path: str) -> str:
    return Rules(parse_patterns(patterns)).verdict(path).value


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        # Anchored at the root; a match on a folder matches what is below.
        ("temp", "temp", "ignored"),
        ("temp", "temp/deep/file", "ignored"),
        ("temp", "sub/temp", "kept"),
        ("/temp", "temp", "ignored"),
        ("temp/", "temp", "ignored"),
        ("//temp//x/", "temp/x", "ignored"),
        ("./temp", "temp", "ignored"),
        ("sub/../temp", "temp", "ignored"),
        # “*” and “?” stay within a name.
        ("*/temp*", "sub/temporary.txt", "ignored"),
        ("*/temp*", "sub/temp/file", "ignored"),
        ("*/temp*", "temp", "kept"),
        ("*/*/temp*", "sub/deep/temporary.txt", "ignored"),
        ("*.txt", "a.txt", "ignored"),
        ("*.txt", "sub/a.txt", "kept"),
        ("temp?", "tempa", "ignored"),
        ("temp?", "temp", "kept"),
        ("a?b", "a/b", "kept"),
        # “**” crosses folders, none included.
        ("**/*.go", "a.go", "ignored"),
        ("**/*.go", "x/y/a.go", "ignored"),
        ("**/foo", "foo", "ignored"),
        ("**/foo", "x/foo/y", "ignored"),
        ("**/foo", "xfoo", "kept"),
        ("a/**", "a", "kept"),
        ("a/**", "a/b/c", "ignored"),
        ("a/**/b", "a/b", "ignored"),
        ("a/**/b", "a/x/y/b", "ignored"),
        ("a/**/b", "a/xb", "kept"),
        ("a**", "abc/d", "ignored"),
        ("**", "anything/at/all", "ignored"),
        ("**/**/x", "x", "ignored"),
        ("**.pyc", "a/b.pyc", "ignored"),
        ("**b", "xb", "ignored"),
        ("a/**b", "a/xb", "kept"),
        ("a/**b", "a/x/b", "ignored"),
        ("***.log", "d/a.log", "ignored"),
        # Classes and escapes.
        ("[ab]x", "ax", "ignored"),
        ("[ab]x", "cx", "kept"),
        ("[a-c]x", "bx", "ignored"),
        ("[^a]x", "bx", "ignored"),
        ("[^a]x", "ax", "kept"),
        ("[!a]x", "!x", "ignored"),
        ("[!a]x", "bx", "kept"),
        ("[*]x", "*x", "ignored"),
        ("[*]x", "bx", "kept"),
        ("[\\]]x", "]x", "ignored"),
        ("[.]x", "ax", "kept"),
        ("\\*", "*", "ignored"),
        ("\\*", "a", "kept"),
        ("\\!x", "!x", "ignored"),
        ("\\#x", "#x", "ignored"),
        ("a]", "a]", "ignored"),
        ("a+b(c)|d^$", "a+b(c)|d^$", "ignored"),
        ("a.b", "axb", "kept"),
        # Comments, blank lines, spaces, a byte order mark, Windows line ends.
        ("#x", "#x", "kept"),
        (" #x", "#x", "ignored"),
        ("\n\n  \nx", "x", "ignored"),
        ("  x  ", "x", "ignored"),
        ("\ufeffx", "x", "ignored"),
        ("x\r\ny\r\n", "x", "ignored"),
        ("a b", "a b", "ignored"),
        # The last line that matches decides; “!” takes back.
        ("*.md\n!README.md", "README.md", "kept"),
        ("*.md\n!README.md", "other.md", "ignored"),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", "ignored"),
        ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", "kept"),
        ("*\n!keep", "keep/this", "kept"),
        ("*\n!keep", "other", "ignored"),
        ("! x\nx", "x", "ignored"),
        ("x\n! x", "x", "kept"),
        ("x\n!x/y", "x/y/z", "kept"),
        ("x\n!x/y", "x/z", "ignored"),
        # Nothing matches nothing.
        (".", "x", "kept"),
        ("/", "x", "kept"),
        ("..", "x", "kept"),
        ("../x", "x", "kept"),
        ("", "x", "kept"),
        # Names in any script, and bytes that are none.
        ("données/*.csv", "données/é.csv", "ignored"),
        ("数据", "数据/x", "ignored"),
        ("*.bin", "\udcff.bin", "ignored"),
        ("a?c", "a\nc", "ignored"),
    ],
)
def test_docker_patterns(patterns: str, path: str, expected: str) -> None:
    assert verdict(patterns, path) == expected


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        ("", ".kit", "ignored"),
        ("", "sub/.kit", "ignored"),
        ("", ".KIT", "ignored"),
        ("!.kit\n!**/.kit", ".kit", "ignored"),
        ("", ".kit-rollback", "ignored"),
        ("", ".git", "ignored"),
        ("", "sub/.git", "ignored"),
        ("", "a/.ipynb_checkpoints", "ignored"),
        ("", "a/__pycache__", "ignored"),
        ("", "web/node_modules", "ignored"),
        ("", "a/.DS_Store", "ignored"),
        ("", "THUMBS.DB", "ignored"),
        ("", ".gitignore", "kept"),
        ("", ".env", "named"),
        ("", "deploy/.env.production", "named"),
        ("", ".env.example", "kept"),
        ("", ".environment", "kept"),
        ("", "id_rsa", "named"),
        ("", ".ssh/id_ed25519", "named"),
        ("", "id_rsa.pub", "kept"),
        # A “!” line brings a default back where it names it.
        ("!.env", ".env", "kept"),
        ("!**/.env", "a/b/.env", "kept"),
        ("!.git", ".git", "kept"),
        ("!**/node_modules", "web/node_modules", "kept"),
        ("!id_*", "id_rsa", "kept"),
        ("!.env\n.env", ".env", "ignored"),
        # Not where it only opens a folder above, or everything.
        ("*\n!data", "data/.env", "named"),
        ("*\n!data", "data/__pycache__", "ignored"),
        ("!data/*", "data/.env", "named"),
        ("!**", ".env", "named"),
        ("!*", ".git", "ignored"),
        # A line that ignores it makes it silent.
        (".env", ".env", "ignored"),
        # The file itself is part of the workspace.
        ("*", ".kitignore", "kept"),
        ("*", "sub/.kitignore", "ignored"),
    ],
)
def test_defaults(patterns: str, path: str, expected: str) -> None:
    assert verdict(patterns, path) == expected


def test_secrets_say_why() -> None:
    assert secret_reason("a/id_rsa") == "looks like a private key"
    assert secret_reason(".env") == "may hold secrets"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("key.pem", b"-----BEGIN PRIVATE KEY-----\n", True),
        ("key.PEM", b"-----BEGIN RSA PRIVATE KEY-----\n", True),
        ("tls.key", b"-----BEGIN CERTIFICATE-----\nx\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n", True),
        ("cert.pem", b"-----BEGIN CERTIFICATE-----\n", False),
        ("slides.key", b"PK\x03\x04", False),
        ("notes.txt", b"-----BEGIN PRIVATE KEY-----\n", False),
    ],
)
def test_private_keys_by_content(name: str, head: bytes, expected: bool) -> None:
    assert holds_private_key(name, head) is expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a[", "not closed"),
        ("[", "not closed"),
        ("[a", "not closed"),
        ("[]", "no meaning"),
        ("[a-]", "no meaning"),
        ("[-a]", "no meaning"),
        ("[z-a]", "is empty"),
        ("[\\", "not closed"),
        ("x\\", "at the end"),
        ("!", "alone"),
        ("!  ", "alone"),
    ],
)
def test_a_line_that_does_not_parse_is_named(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / ".kitignore").write_text(f"# fine\nfine\n{line}\nfine too\n")
    with pytest.raises(InvalidInput, match=reason) as caught:
        read_rules(tmp_path)
    assert caught.value.kind is Kind.INVALID_IGNORE_FILE
    assert ".kitignore, line 3:" in caught.value.message
    assert caught.value.hint


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    rules = read_rules(tmp_path)
    assert rules.verdict("x") is Verdict.KEPT
    assert rules.verdict(".git") is Verdict.IGNORED


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / ".kitignore").mkdir()
    with pytest.raises(InvalidInput) as caught:
        read_rules(tmp_path)
    assert caught.value.kind is Kind.INVALID_IGNORE_FILE


def test_other_rules_have_another_fingerprint() -> None:
    prints = [Rules(parse_patterns(text)).fingerprint for text in ("", "a", "!a", "b", "a\nb")]
    assert len(set(prints)) == len(prints)
    assert Rules(parse_patterns("a\n#x")).fingerprint == Rules(parse_patterns("/a/")).fingerprint


@pytest.mark.parametrize(
    ("patterns", "folder", "expected"),
    [
        ("out", "out", False),
        ("out\n!out/keep", "out", True),
        ("out\n!other/keep", "out", False),
        ("!out/keep\nout", "out", False),  # The later line covers everything below.
        ("*\n!a/b/c", "a", True),
        ("*\n!a/b/c", "a/b", True),
        ("*\n!a/b/c", "a/x", False),
        ("out\n!**/*.py", "out", True),
        ("out\n!o*/x", "out", True),
        ("out\n!o?t/x", "out", True),
        ("!.git/config", ".git", False),
        ("out\n!out[a/b]x", "out", True),
    ],
)
def test_ignored_folders_are_walked_only_for_a_reason(patterns: str, folder: str, expected: bool) -> None:
    assert Rules(parse_patterns(patterns)).may_keep_below(folder) is expected


names = st.sampled_from(["a", "b", "ab", "a.b", "x"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
parts = st.sampled_from(["a", "b", "*", "?", "**", "a*", "*b", "[ab]", "[^a]"])
lines = st.builds(lambda negated, body: ("!" if negated else "") + "/".join(body), st.booleans(), st.lists(parts, min_size=1, max_size=3))


@given(st.lists(lines, max_size=6), paths)
def test_one_expression_decides_as_line_by_line(patterns: list[str], path: str) -> None:
    """As the documentation says it: go through the lines, and let each that matches the path or a folder above it decide anew."""
    ignored = False
    above = path.split("/")
    for pattern in parse_patterns("\n".join(patterns)):
        if any(re.fullmatch(pattern.regex, "/".join(above[: depth + 1]), re.DOTALL) for depth in range(len(above))):
            ignored = not pattern.negated
    assert (verdict("\n".join(patterns), path) == "ignored") is ignored


@given(st.lists(lines, max_size=6), paths)
def test_nothing_kept_hides_in_a_folder_that_is_not_walked(patterns: list[str], path: str) -> None:
    rules = Rules(parse_patterns("\n".join(patterns)))
    above = path.split("/")
    walked = True
    for depth in range(1, len(above)):
        folder = "/".join(above[:depth])
        walked = walked and (rules.verdict(folder) is Verdict.KEPT or rules.may_keep_below(folder))
    assert walked or rules.verdict(path) is not Verdict.KEPT


@given(st.text(alphabet="ab*?[]^-!\\/#. \n", max_size=30), st.text(alphabet="ab/", min_size=1, max_size=10))
def test_any_text_parses_or_is_refused(text: str, path: str) -> None:
    try:
        rules = Rules(parse_patterns(text))
    except InvalidInput as error:
        assert error.kind is Kind.INVALID_IGNORE_FILE
    else:
        assert rules.verdict(path) in Verdict
