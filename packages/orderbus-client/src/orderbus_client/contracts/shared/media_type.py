# Copied from functions/shared/contracts/media_type.py by `python -m client_package`: change the original.
"""Media types that say "JSON in UTF-8", as patterns (RFC 2046, RFC 9110 section 8.3).

Types, parameter names and charsets are case-insensitive; a parameter's value may be quoted.
"""

from typing import Annotated

from msgspec import Meta

_TCHAR = r"[A-Za-z0-9!#$%&'*+.^_`|~-]"
_QUOTED = r'"([\t !#-\[\]-~]|\\[\t -~])*"'


def _in_any_case(text: str) -> str:
    return "".join(f"[{each.upper()}{each}]" if each.isalpha() else each for each in text)


_CHARSET, _UTF_8 = _in_any_case("charset"), _in_any_case("utf-8")
_PARAMETERS = (
    rf'([ \t]*;([ \t]*({_CHARSET}=({_UTF_8}|"{_UTF_8}")|(?!{_CHARSET}=){_TCHAR}+=({_TCHAR}+|{_QUOTED})))?)*'
    rf"[ \t]*(?!\n)$"
)

JSON = rf"^[ \t]*{_in_any_case('application/json')}{_PARAMETERS}"
"""`application/json`, which a request's body must be."""

JsonData = Annotated[
    str,
    Meta(
        pattern=rf"^{_TCHAR}+/({_TCHAR}*[+])?{_in_any_case('json')}{_PARAMETERS}",
        description="A media type of JSON, in UTF-8 if it names a charset.",
    ),
]
"""JSON in the sense of CloudEvents: any type with the subtype `json` or the suffix `+json`.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#31-handling-of-data
"""
