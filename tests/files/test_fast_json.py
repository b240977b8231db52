"""Results are those of the standard library."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reddit_archive.files import fast_json

ODD = {
    "64 bits": b"[18446744073709551615, -9223372036854775808]",
    "65 bits": b"[18446744073709551616, -9223372036854775809]",
    "a large number": b'{"large": 1180591620717411303424}',
    "a larger number": b"1" * 400,
    "nearly 1": b"0.99999999999999999999999",
    "an address with a long number": b'{"url": "https://x.com/a/status/1234567890123456789"}',
    "floats": b"[1e16, 1E400, -1e400, 1e-400, -0, -0.0, 5e-324, 1.0]",
    "no numbers": b"[NaN, Infinity, -Infinity]",
    "half a character": b'["\\ud83d", "\\udc00\\ud83d", {"\\udfff": 1}]',
    "escapes": b'"\\u0000\\u001b\\/\\ud83d\\ude00\\u2028"',
    "the same key twice": b'{"a": 1, "b": 2, "a": 3}',
    "blanks": b' \r\n\t[ 1 , {"a" :\n2 } ] \n',
    "deep": b"[" * 900 + b"]" * 900,
    "no UTF-8": b'"caf\xe9"',
    "half a character in UTF-8": b'"\xed\xa0\x80"',
    "UTF-16": '{"a": "Ω"}'.encode("utf-16"),
    "a mark before it": b"\xef\xbb\xbf[1]",
    "nothing": b"",
    "cut off": b'{"a": [1, 2',
    "more than one": b"[1] [2]",
    "a comma too many": b"[1, 2,]",
    "a line in a string": b'"a\nb"',
    "a number that none is": b"[01]",
    "far too deep": b"[" * 100_000 + b"]" * 100_000,
}


def outcome(read: Any, data: bytes) -> str:
    """Return the value with its type, or the type of the error."""
    try:
        return repr(read(data))
    except (ValueError, RecursionError) as error:
        kinds = (json.JSONDecodeError, UnicodeDecodeError, ValueError, RecursionError)
        return next(kind.__name__ for kind in kinds if isinstance(error, kind))


def load_with_json(data: bytes) -> Any:
    return json.loads(data.decode())


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_loads__reads_as_the_standard_library(data: bytes) -> None:
    assert outcome(fast_json.loads, data) == outcome(load_with_json, data)


@pytest.mark.parametrize("digits", range(8, 30))
def test_loads__finds_a_long_number_at_any_position(digits: int) -> None:
    for start in range(2 * fast_json.STRIDE):
        data = b"%b[-9%b]" % (b" " * start, b"7" * (digits - 1))
        assert outcome(fast_json.loads, data) == outcome(load_with_json, data)


NUMBERS = st.integers(-(2**70), 2**70) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_loads__reads_all_that_json_writes(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert outcome(fast_json.loads, data) == outcome(load_with_json, data)


def test_loads__keeps_all_digits_of_a_large_number() -> None:
    assert fast_json.loads(b"[%d]" % (2**64 + 1)) == [2**64 + 1]
    assert math.isnan(fast_json.loads(b"NaN"))
