"""Scalars mean what they mean to go-yaml v3 (its resolve.go), written down as source and the JSON that kit makes of it."""

from __future__ import annotations

import math

import pytest

from jupyter_kit.modelkit.yaml.scalars import is_text, needs_quotes, resolve
from jupyter_kit.oci.gojson import encode


@pytest.mark.parametrize(
    ("source", "json"),
    [
        *[(word, "true") for word in ("true", "True", "TRUE")],
        *[(word, "false") for word in ("false", "False", "FALSE")],
        *[(word, "null") for word in ("", "~", "null", "Null", "NULL")],
        *[(word, f'"{word}"') for word in ("yes", "no", "on", "off", "y", "N", "tRUE", "nULL", "nil", "none", "inf", "nan", "_1", "=")],
        ("0", "0"),
        ("-0", "0"),
        ("12", "12"),
        ("+12", "12"),
        ("-12", "-12"),
        ("1_000", "1000"),
        ("1__0_", "10"),
        ("0xFF", "255"),
        ("0Xff", "255"),
        ("-0x1F", "-31"),
        ("0x_f_F", "255"),
        ("0xG", '"0xG"'),
        ("0x", '"0x"'),
        ("0777", "511"),
        ("0o777", "511"),
        ("-0o17", "-15"),
        ("00", "0"),
        ("08", "8"),
        ("0o8", '"0o8"'),
        ("0b101", "5"),
        ("-0b101", "-5"),
        ("0b2", '"0b2"'),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709552000"),
        ("+18446744073709551615", "18446744073709552000"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "-9223372036854776000"),
        ("0xFFFFFFFFFFFFFFFFF", '"0xFFFFFFFFFFFFFFFFF"'),
        ("9" * 400, f'"{"9" * 400}"'),
        ("1.0", "1"),
        ("1.", "1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("+.5e1", "5"),
        (".5_0", "0.5"),
        ("._5", '"._5"'),
        (".", '"."'),
        ("1e3", "1000"),
        ("1.2e+3", "1200"),
        ("1e-7", "1e-7"),
        ("1e999", '"1e999"'),
        (".5e999", '".5e999"'),
        ("-0.0", "-0"),
        ("1.0.0", '"1.0.0"'),
        ("1:30", '"1:30"'),
        ("-", '"-"'),
        ("2024-01-01", '"2024-01-01T00:00:00Z"'),
        ("2024-2-9", '"2024-02-09T00:00:00Z"'),
        ("2024-02-29", '"2024-02-29T00:00:00Z"'),
        ("0000-01-01", '"0000-01-01T00:00:00Z"'),
        ("2023-02-29", '"2023-02-29"'),
        ("2024-13-01", '"2024-13-01"'),
        ("2024-00-10", '"2024-00-10"'),
        ("2024-01-00", '"2024-01-00"'),
        ("2024-01-01 10:20:30", '"2024-01-01T10:20:30Z"'),
        ("2024-01-01  1:2:3.450", '"2024-01-01T01:02:03.45Z"'),
        ("2024-01-01T10:20:30Z", '"2024-01-01T10:20:30Z"'),
        ("2024-01-01t10:20:30.000000001+02:00", '"2024-01-01T10:20:30.000000001+02:00"'),
        ("2024-01-01T10:20:30.1234567899-00:00", '"2024-01-01T10:20:30.123456789Z"'),
        ("2024-01-01T10:20:30", '"2024-01-01T10:20:30"'),
        ("2024-01-01 10:20:30Z", '"2024-01-01 10:20:30Z"'),
        ("2024-01-01T24:00:00Z", '"2024-01-01T24:00:00Z"'),
        ("2024-01-01 10:60:00", '"2024-01-01 10:60:00"'),
        ("24-01-01", '"24-01-01"'),
        ("<<", r'"\u003c\u003c"'),
    ],
)
def test_a_plain_scalar(source: str, json: str) -> None:
    assert encode(resolve(source)).decode() == json


@pytest.mark.parametrize("source", ["1.0", "true", "", "~", "0x1F", "2024-01-01", ".nan"])
def test_what_is_in_quotes_is_text(source: str) -> None:
    assert resolve(source, plain=False) == source
    assert resolve(source, "!!str") == source


@pytest.mark.parametrize("source", [".nan", ".NaN", ".inf", "+.Inf", "-.INF"])
def test_words_for_what_is_not_finite_are_floats(source: str) -> None:
    value = resolve(source)
    assert isinstance(value, float)
    assert not math.isfinite(value)


@pytest.mark.parametrize(
    ("source", "tag", "value"),
    [
        ("5", "!!int", 5),
        ("5", "!!float", 5.0),
        ("2024-01-01", "!!timestamp", "2024-01-01T00:00:00Z"),
        ("true", "!!bool", True),
        ("", "!!null", None),
        ("aMOp\n bGxv", "!!binary", "héllo"),
    ],
)
def test_a_tag_is_obeyed(source: str, tag: str, value: object) -> None:
    assert resolve(source, tag, plain=False) == value


@pytest.mark.parametrize(
    ("source", "tag", "reason"),
    [
        ("abc", "!!int", "is no int"),
        ("1.5", "!!int", "is no int"),
        ("2024-01-01", "!!int", "is no int"),
        ("yes", "!!bool", "is no bool"),
        ("x", "!!null", "is no null"),
        ("5", "!!timestamp", "is no timestamp"),
        ("/w==", "!!binary", "no text in UTF-8"),
        ("a", "!!binary", "no text in UTF-8"),
        ("os.system", "!!python/object", "means nothing"),
        ("x", "!local", "means nothing"),
        ("x", "!!set", "means nothing"),
    ],
)
def test_a_tag_that_lies_or_means_nothing_is_refused(source: str, tag: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        resolve(source, tag)


def test_only_text_is_text() -> None:
    assert is_text("a")
    assert is_text("yes")
    assert is_text("1", plain=False)
    assert is_text("1", "!!str")
    assert not is_text("1")
    assert not is_text("2024-01-01T00:00:00Z")
    assert not is_text("a", "!!binary", plain=False)


@pytest.mark.parametrize("text", ["", "1.0", "~", "true", "yes", "Off", "n", "2024-01-01", "0x1F", "1:30", "12:30:45", "<<", ".inf", "1_0"])
def test_what_could_be_misread_needs_quotes(text: str) -> None:
    assert needs_quotes(text)


@pytest.mark.parametrize("text", ["1.0.0", "a", "model.bin", "./data", "yess", "sha256:ab", "v1", "a: b"])
def test_other_text_needs_none(text: str) -> None:
    assert not needs_quotes(text)
