"""Words and options: every verb, every example, every mistake."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.frontends.arguments import EVERYWHERE, GROUPS, NOTEBOOK, SYNONYMS, TERMINAL, VERBS, overview, parse, parser

DEFAULTS = {**EVERYWHERE, "help": False}


def options(line: str) -> dict[str, object]:
    """What ``line`` asks for beyond the defaults of the shared options."""
    return {name: value for name, value in vars(parse(shlex.split(line))).items() if DEFAULTS.get(name, ...) != value}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("init", {"verb": "init", "kitfile": False}),
        ("-C project init", {"verb": "init", "folder": "project", "kitfile": False}),
        ("init -C project", {"verb": "init", "folder": "project", "kitfile": False}),
        ("-Cproject init", {"verb": "init", "folder": "project", "kitfile": False}),
        ("--json status", {"verb": "status", "json": True}),
        ("status --json -q --no-progress", {"verb": "status", "json": True, "quiet": True, "no_progress": True}),
        ("-C a status -C b", {"verb": "status", "folder": "b"}),
        (
            'snapshot -m "two words" -t v1 --tag v2 --metric a=1 --metric b=x --kind auto --notebook n.ipynb',
            {
                "verb": "snapshot",
                "message": "two words",
                "tags": ["v1", "v2"],
                "metrics": ["a=1", "b=x"],
                "kind": "auto",
                "notebook": "n.ipynb",
            },
        ),
        ("log", {"verb": "log", "limit": 20, "all": False, "path": None, "kind": None, "before": None, "find": None}),
        (
            "log -n 5 --path data --kind safety --all --before v2 --find forest",
            {"verb": "log", "limit": 5, "all": True, "path": "data", "kind": "safety", "before": "v2", "find": "forest"},
        ),
        ("show", {"verb": "show", "name": "HEAD"}),
        ("show HEAD~2", {"verb": "show", "name": "HEAD~2"}),
        ("diff", {"verb": "diff", "before": None, "after": None, "paths": [], "stat": False}),
        ("diff a --stat b", {"verb": "diff", "before": "a", "after": "b", "paths": [], "stat": True}),
        ("diff -- p q", {"verb": "diff", "before": None, "after": None, "paths": ["p", "q"], "stat": False}),
        ("diff a --path p -- -q", {"verb": "diff", "before": "a", "after": None, "paths": ["p", "-q"], "stat": False}),
        ("rollback v1", {"verb": "rollback", "name": "v1", "paths": [], "dry_run": False, "yes": False}),
        ("rollback v1 a --yes b", {"verb": "rollback", "name": "v1", "paths": ["a", "b"], "dry_run": False, "yes": True}),
        ("rollback v1 --dry-run -- --yes", {"verb": "rollback", "name": "v1", "paths": ["--yes"], "dry_run": True, "yes": False}),
        ("tag", {"verb": "tag", "tag": None, "name": "HEAD", "force": False}),
        ("tag best v1 --force", {"verb": "tag", "tag": "best", "name": "v1", "force": True}),
        ("remove v1 v2 -y", {"verb": "remove", "names": ["v1", "v2"], "tag_only": False, "remote": False, "yes": True}),
        ("check --repair --rebuild", {"verb": "check", "repair": True, "rebuild": True}),
        (
            "prune --keep-last 1 --keep-daily 2 --keep-hourly 3 --drop-tagged --kind auto",
            {
                "verb": "prune",
                "keep_last": 1,
                "keep_daily": 2,
                "keep_hourly": 3,
                "drop_tagged": True,
                "kind": "auto",
                "dry_run": False,
                "yes": False,
            },
        ),
        ("inspect", {"verb": "inspect", "reference": None, "remote": False}),
        (
            "inspect -r ghcr.io/a:v1 --plain-http --tls-cert ca.pem --concurrency 3",
            {"verb": "inspect", "reference": "ghcr.io/a:v1", "remote": True, "plain_http": True, "ca_file": "ca.pem", "concurrency": 3},
        ),
        (
            "pack v1 -t a:v1,v2 --compression gzip -y",
            {
                "verb": "pack",
                "name": "v1",
                "reference": "a:v1,v2",
                "kitfile": None,
                "compression": "gzip",
                "use_model_pack": False,
                "dry_run": False,
                "yes": True,
            },
        ),
        (
            "unpack a:v1 -d out -f model -f docs:x -o",
            {
                "verb": "unpack",
                "reference": "a:v1",
                "into": "out",
                "filters": ["model", "docs:x"],
                "overwrite": True,
                "ignore_existing": False,
                "dry_run": False,
            },
        ),
        ("list ghcr.io/a", {"verb": "list", "repository": "ghcr.io/a", "kitops": False}),
        ("info a:v1 -f .model.name", {"verb": "info", "reference": "a:v1", "field": ".model.name", "remote": False}),
        ("push a:v1 oci:out:v1", {"verb": "push", "reference": "a:v1", "destination": "oci:out:v1"}),
        ("pull ghcr.io/a:v1", {"verb": "pull", "reference": "ghcr.io/a:v1", "local": None, "paths": [], "all": False}),
        ("pull --only a --all", {"verb": "pull", "reference": None, "local": None, "paths": ["a"], "all": True}),
        ("sync team --merge", {"verb": "sync", "remote": "team", "merge": True, "verify": False}),
        ("clone oci:a b", {"verb": "clone", "reference": "oci:a", "into": "b"}),
        ("remote add team a.b/c", {"verb": "remote", "action": "add", "remote": "team", "reference": "a.b/c", "force": False}),
        ("login ghcr.io -u jo", {"verb": "login", "registry": "ghcr.io", "username": "jo", "password_stdin": False}),
        ("logout ghcr.io", {"verb": "logout", "registry": "ghcr.io"}),
        ("metric", {"verb": "metric", "metrics": []}),
        ("metric a=1 b=2", {"verb": "metric", "metrics": ["a=1", "b=2"]}),
        ("version", {"verb": "version"}),
        ("--version", {"verb": "version"}),
        ("--json --version", {"verb": "version", "json": True}),
        ("completion bash", {"verb": "completion", "shell": "bash"}),
    ],
)
def test_what_is_typed_is_what_is_asked(line: str, expected: dict[str, object]) -> None:
    assert options(line) == expected


def test_audit_takes_an_action_and_filters() -> None:
    asked = options("audit --actor ada --verb rollback --file a.csv -n 3")
    assert asked["action"] == "list"
    assert (asked["actor"], asked["of_verb"], asked["path"], asked["limit"]) == ("ada", "rollback", "a.csv", 3)
    asked = options("audit --json export - --format csv")
    assert (asked["action"], asked["target"], asked["format"], asked["json"]) == ("export", "-", "csv", True)
    assert options("audit verify")["action"] == "verify"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("snapshto", "There is no verb “snapshto”. Did you mean: jupyter kit snapshot"),
        ("xyzzy", "There is no verb “xyzzy”. See: jupyter kit --help"),
        ("commit", "Did you mean: jupyter kit snapshot"),
        ("-q help commit", "Did you mean: jupyter kit snapshot"),
        ("snapshot --mesage x", "jupyter kit snapshot has no option --mesage. Did you mean --message?"),
        ("snapshot --mesage=x", "Did you mean --message?"),
        ("--jsn status", "jupyter kit has no option --jsn. Did you mean --json?"),
        ("-x", "jupyter kit has no option -x."),
        ("rollback", "jupyter kit rollback: missing SNAPSHOT."),
        ("status now", "jupyter kit status does not take “now”."),
        ("tag -- x", "does not take “x”"),
        ("diff a b c", "does not take “c”"),
        ("snapshot -m", "-m/--message: expected one argument"),
        ("log --kind odd", "--kind is one of manual, auto, safety, not “odd”"),
        ("log -n 0", "-n/--limit: “0” is not a whole number above 0"),
        ("log -n ²", "is not a whole number above 0"),
        ("audit grep", "ACTION is one of list, verify, export, not “grep”"),
        ("completion powershell", "SHELL is one of bash, zsh, fish, not “powershell”"),
        ("audit --since soon", "“soon” is not a time."),
        ("-C", "-C: expected one argument"),
        ("snapshot --mess x", "has no option --mess"),
    ],
)
def test_mistakes_are_told_with_what_to_do(line: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(shlex.split(line))
    assert says in str(caught.value)
    assert caught.value.kind is Kind.INVALID_INPUT


@pytest.mark.parametrize("line", ["", "-h", "--help", "help", "-C x", "--json --help"])
def test_the_overview_is_shown_where_no_verb_is_named(line: str) -> None:
    asked = parse(shlex.split(line))
    assert asked.verb == "help"
    assert asked.text == overview()


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_can_be_asked_for_in_three_ways(verb: str) -> None:
    texts = {parse(words).text for words in ([verb, "--help"], ["-h", verb], ["help", verb])}
    assert texts == {parser(verb).format_help()}


@pytest.mark.parametrize("prog", [TERMINAL, NOTEBOOK])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_examples_that_work(verb: str, prog: str) -> None:
    text = parser(verb, prog).format_help()
    assert text.startswith(f"usage: {prog} {verb}")
    examples = [line.strip() for line in text.partition("examples:\n")[2].splitlines() if line.strip()]
    assert 2 <= len(examples) <= 4
    for example in examples:
        words = shlex.split(example.removeprefix(f"{prog} ").partition(" > ")[0])
        assert parse(words, prog).verb == verb
    purpose = text.splitlines()[2]
    assert purpose.endswith(".")
    assert len(purpose) <= 100


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_says_what_it_does(verb: str) -> None:
    for action in parser(verb)._actions:
        assert action.help
        assert action.help[0].islower() or not action.help[0].isalpha()
        assert not action.help.endswith(".")


def test_the_overview_names_every_verb_once() -> None:
    listed = re.findall(r"^  (\w+) +[A-Z].*\.$", overview(), re.MULTILINE)
    assert listed == [verb for group in GROUPS.values() for verb in group]
    assert set(SYNONYMS.values()) <= set(VERBS)
    assert not set(SYNONYMS) & set(VERBS)


@given(
    st.lists(
        st.sampled_from([*VERBS, "help", "-C", "--json", "-q", "-h", "--", "-n", "3", "-m", "x", "--metric", "a=1", "-", "", "~"]),
        max_size=6,
    )
)
def test_whatever_is_typed_is_understood_or_refused(words: list[str]) -> None:
    with suppress(InvalidInput):
        assert parse(words).verb in {*VERBS, "help"}
