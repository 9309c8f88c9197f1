"""What to do about a challenge, decided from values alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput, Unauthorized
from jupyter_kit.registry.auth.challenge import AskToken, SendBasic, SendBearer, decide, merged_scopes, parse_challenges
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.connection import origin_of
from jupyter_kit.registry.http.secret import Secret

HERE = origin_of("https://registry.example")
PLAIN = origin_of("http://localhost:5000")
ADA = Credential("ada", Secret("pass:word"))
PULL = frozenset({"repository:team/model:pull"})
TOKEN_SERVER = 'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/model:pull"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ('Basic realm="Registry Realm"', [("basic", {"realm": "Registry Realm"})]),
        ("Basic", [("basic", {})]),
        (TOKEN_SERVER, [("bearer", {"realm": "https://auth.example/token", "service": "registry.example",
                                    "scope": "repository:team/model:pull"})]),
        ('Bearer realm="x",scope="repository:a:pull,push repository:b:pull"', [("bearer", {"realm": "x",
                                                                              "scope": "repository:a:pull,push repository:b:pull"})]),
        ('Basic realm="a, b", Bearer realm=x , error="insufficient_scope"', [("basic", {"realm": "a, b"}),
                                                                              ("bearer", {"realm": "x", "error": "insufficient_scope"})]),
        ('Negotiate YIIabc==, BASIC REALM="say \\"hi\\""', [("negotiate", {}), ("basic", {"realm": 'say "hi"'})]),
        ("Bearer", [("bearer", {})]),
    ],
)  # fmt: skip
def test_headers_with_one_or_more_challenges_are_read(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(challenge.scheme, dict(challenge.parameters)) for challenge in parse_challenges(header)] == expected


@settings(max_examples=40)
@given(st.text(max_size=300) | st.from_regex(r"((Basic|Bearer) (realm=\"?x,?)* ?,)*", fullmatch=True))
def test_any_header_is_read_without_an_error(header: str) -> None:
    assert all(challenge.scheme == challenge.scheme.lower() for challenge in parse_challenges(header))


def test_a_long_header_takes_no_long_time() -> None:
    assert len(parse_challenges('Basic realm="x\\"' * 20_000)) <= 16


def test_scopes_grow_by_resource() -> None:
    merged = merged_scopes(["repository:a/b:pull", "repository:a/b:push,pull", "repository:c:pull", "nonsense", "registry:catalog:*"])
    assert merged == {"repository:a/b:pull,push", "repository:c:pull", "registry:catalog:*"}


def test_a_password_is_sent_where_basic_is_all_there_is() -> None:
    decision = decide(parse_challenges('Basic realm="x"'), ADA, PULL, HERE)
    assert decision == SendBasic(Secret("Basic YWRhOnBhc3M6d29yZA=="))


def test_a_token_is_preferred_to_a_password() -> None:
    decision = decide(parse_challenges(f'Basic realm="x", {TOKEN_SERVER}'), ADA, PULL, HERE)
    assert isinstance(decision, AskToken)


def test_a_token_is_asked_with_all_scopes_and_the_password() -> None:
    decision = decide(parse_challenges(TOKEN_SERVER), ADA, frozenset({"repository:team/model:pull,push"}), HERE)
    assert isinstance(decision, AskToken)
    assert parse_qs(urlsplit(decision.url).query) == {
        "service": ["registry.example"],
        "scope": ["repository:team/model:pull,push"],
        "client_id": ["jupyter-kit"],
    }
    assert decision.authorization == ADA.basic
    assert decision.form is None


def test_without_a_credential_anybodys_token_is_asked() -> None:
    decision = decide(parse_challenges(TOKEN_SERVER), None, PULL, HERE)
    assert isinstance(decision, AskToken)
    assert decision.authorization is None


def test_an_identity_token_is_posted_and_otherwise_a_password() -> None:
    decision = decide(parse_challenges(TOKEN_SERVER), Credential(identity_token=Secret("idt")), PULL, HERE)
    assert isinstance(decision, AskToken)
    assert decision.form
    assert parse_qs(decision.form.reveal())["refresh_token"] == ["idt"]
    assert decision.authorization is None
    assert decision.otherwise
    assert decision.otherwise.authorization


def test_a_ready_token_is_sent_as_it_is() -> None:
    assert decide(parse_challenges(TOKEN_SERVER), Credential(bearer=Secret("t")), PULL, HERE) == SendBearer(Secret("Bearer t"))


def test_no_password_goes_to_an_open_token_server_of_an_encrypted_registry() -> None:
    challenges = parse_challenges('Bearer realm="http://auth.example/token"')
    with pytest.raises(Unauthorized, match="without encryption"):
        decide(challenges, ADA, PULL, HERE)
    anonymous = decide(challenges, None, PULL, HERE)
    assert isinstance(anonymous, AskToken)
    assert anonymous.authorization is None
    assert isinstance(decide(challenges, ADA, PULL, PLAIN), AskToken)  # the registry itself is no better


def test_without_a_credential_basic_asks_to_sign_in() -> None:
    with pytest.raises(Unauthorized, match="wants you to sign in") as refused:
        decide(parse_challenges('Basic realm="x"'), None, PULL, PLAIN)
    assert "jupyter kit login localhost:5000" in refused.value.hint


def test_unknown_ways_to_sign_in_are_named() -> None:
    with pytest.raises(Unauthorized, match=r"\(negotiate\)"):
        decide(parse_challenges("Negotiate abc"), ADA, PULL, HERE)


@pytest.mark.parametrize("realm", ["", "file:///x", "/token", "ldap://x"])
def test_a_realm_must_be_a_web_address(realm: str) -> None:
    with pytest.raises(InvalidInput):
        decide(parse_challenges(f'Bearer realm="{realm}"'), ADA, PULL, HERE)


def test_decisions_show_no_secret() -> None:
    for credential in (ADA, Credential(identity_token=Secret("S3CRET")), Credential(bearer=Secret("S3CRET"))):
        shown = repr((credential, decide(parse_challenges(TOKEN_SERVER), credential, PULL, HERE)))
        assert "S3CRET" not in shown
        assert "pass:word" not in shown
        assert "YWRhOnBhc3M6d29yZA" not in shown
