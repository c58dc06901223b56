"""Build the HTTP requests that moto reads without werkzeug's builder, which takes longer than the rest."""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    Request,
    environ_key_for_header,
    should_preserve_original_header_name,
)

from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_MAXIMUM_ADDRESSES = 1_000
_MULTIPART = "multipart/"
_SKIPPED = frozenset({"transfer-encoding", "content-length"})


def patches() -> list[MotoPatch]:
    """Return the patch of moto's requests."""
    original: Callable[..., Request] = vars(Request)["from_primitives"].__func__

    @lru_cache(_MAXIMUM_ADDRESSES)
    def empty(method: str, url: str) -> dict[str, Any]:
        """Return what depends on the address only."""
        return dict(original(Request, method, url, {}, b"").environ)

    def from_primitives(kind: type[Request], call: Call) -> Request:
        method, url, headers, body = call["method"], call["url"], call["headers"], call.get("body")
        if isinstance(body, str):
            body = body.encode()
        is_plain = isinstance(body, bytes | None) and _MULTIPART not in str(headers.get("Content-Type"))
        if kind is not Request or not is_plain:
            return original(kind, method, url, headers, body)
        return Request({**empty(method, url), **_environment(headers, body or b"")})

    return [MotoPatch(Request, "from_primitives", "cls method url headers body", from_primitives)]


def _environment(headers: Mapping[str, str | bytes], body: bytes) -> dict[str, Any]:
    """Return the WSGI variables of the headers and the body."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    preserved = {}
    for name, value in headers.items():
        if name.lower() in _SKIPPED:
            continue
        key = environ_key_for_header(name)
        values[key].append(value.decode() if isinstance(value, bytes) else value)
        if should_preserve_original_header_name(name):
            preserved[key] = name
    return {
        **{key: ", ".join(each) for key, each in values.items()},
        "CONTENT_LENGTH": str(len(body)),
        PRESERVED_HEADER_NAMES_ENVIRON_KEY: preserved,
        "wsgi.errors": sys.stderr,
        "wsgi.input": BytesIO(body),
    }
