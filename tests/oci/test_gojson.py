"""JSON is what Go's encoding/json writes: the cases of its own rules, and laws against Python's reader."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.gojson import INTEGER_MAX, INTEGER_MIN, encode, sorted_map

SCALARS = st.none() | st.booleans() | st.integers(INTEGER_MIN, INTEGER_MAX) | st.floats(-(2.0**53), 2.0**53) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4), max_leaves=12
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a<b>&c", r'"a\u003cb\u003e\u0026c"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ('"\\/', r'"\"\\/"'),
        ("\b\f\n\r\t", r'"\b\f\n\r\t"'),
        ("\x00\x01\x1f", r'"\u0000\u0001\u001f"'),
        ("\x7fé\u00a0€😀", '"\x7fé\u00a0€😀"'),
        ("\ufffd", '"\ufffd"'),
        ("a\udcff\ud800b", r'"a\ufffd\ufffdb"'),
        ("", '""'),
    ],
)
def test_text_is_escaped_as_go_does(text: str, written: str) -> None:
    assert encode(text) == written.encode()


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1.0, "1"),
        (0.0, "0"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1200.0, "1200"),
        (100.5, "100.5"),
        (1e-6, "0.000001"),
        (9.5e-7, "9.5e-7"),
        (1e-7, "1e-7"),
        (1e-10, "1e-10"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (0.30000000000000004, "0.30000000000000004"),
    ],
)
def test_floats_have_the_form_of_go(number: float, written: str) -> None:
    assert encode(number) == written.encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (INTEGER_MIN, "-9223372036854775808"),
        (INTEGER_MAX, "18446744073709551615"),
        ({}, "{}"),
        ([], "[]"),
        ((1, [2, ()]), "[1,[2,[]]]"),
        ({"b": 1, "a": {"<": "x"}}, r'{"b":1,"a":{"\u003c":"x"}}'),
    ],
)
def test_values_are_compact_and_keep_their_order(value: object, written: str) -> None:
    assert encode(value) == written.encode()


def test_a_map_is_sorted_by_bytes_to_its_ground() -> None:
    values = {"é": 1, "b": [{"z": 1, "B": 2, "😀": 3, "\uffff": 4}], "a": {"2": 0, "10": 0}, "Z": ()}
    assert encode(sorted_map(values)).decode() == '{"Z":[],"a":{"10":0,"2":0},"b":[{"B":2,"z":1,"\uffff":4,"😀":3}],"é":1}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, INTEGER_MAX + 1, INTEGER_MIN - 1, 2**4000])
def test_numbers_that_go_cannot_write_are_refused(number: float) -> None:
    with pytest.raises(InvalidInput):
        encode({"rate": [number]})


@pytest.mark.parametrize("key", [1, None, True, ("a",)])
def test_keys_that_are_no_text_are_refused(key: object) -> None:
    for refuse in (encode, sorted_map):
        with pytest.raises(InvalidInput, match="is a key that JSON cannot hold"):
            refuse({"a": 1, key: 1})  # type: ignore[arg-type]


def test_deep_nesting_is_refused() -> None:
    value: object = []
    for _ in range(100_000):
        value = [value]
    for refuse in (encode, lambda deep: sorted_map({"a": deep})):
        with pytest.raises(InvalidInput, match="nested too deeply"):
            refuse(value)


def test_other_types_are_our_own_mistake() -> None:
    with pytest.raises(TypeError, match="bytes"):
        encode({"a": b""})


@given(VALUES)
def test_what_is_written_reads_back_as_it_was(value: object) -> None:
    assert json.loads(encode(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_and_have_an_exponent_only_where_go_writes_one(number: float) -> None:
    written = encode(number)
    assert float(written) == number
    assert (b"e" in written) == (number != 0 and not 1e-6 <= abs(number) < 1e21)
