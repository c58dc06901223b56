"""Route requests through moto without recomputing the handler for every request."""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import moto.core.responses
from moto import backend_index
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.request import normalize_request
from moto.core.routing import SmithyRule
from werkzeug.exceptions import HTTPException

from pocketcloud.cloudformation.stack_api import read_stacks
from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.core.engine import ACCOUNT, REGION
from pocketcloud.moto_patches import http_requests
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch, MotoPatchError

# Services with one address for all operations, and those whose operations functions use most.
_FIXED = re.compile(
    r"https://(dynamodb|events|sqs|sns|email|monitoring|logs|cognito-idp|ssm|secretsmanager)"
    r"\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9/-]*|https://iam\.amazonaws\.com/"
)
_HTTP_APIS = re.compile(r"https://apigateway\.[a-z0-9-]+\.amazonaws\.com/v2/")
"""moto handles them with those of REST APIs, whose validators take a third of a second to import."""
_MAXIMUM_ADDRESSES = 1_000

_CLOUDFORMATION = f"https://cloudformation.{REGION}.amazonaws.com/"


def patches(stacks: Sequence[StackRecord]) -> list[MotoPatch]:
    """Return the patches to moto's request handling."""
    return [_routing_patch(stacks), _action_names_patch(), _url_builder_patch(), *http_requests.patches()]


def _routing_patch(stacks: Sequence[StackRecord]) -> MotoPatch:
    original = BotocoreStubber.process_request
    handler_of = lru_cache(_MAXIMUM_ADDRESSES)(_find_handler)

    def process_request(stubber: BotocoreStubber, call: Call) -> Any:
        request = call["request"]
        address = request.url.partition("?")[0]
        if address == _CLOUDFORMATION:
            return read_stacks(stacks, normalize_request(request).get_data(as_text=True))
        if not _FIXED.fullmatch(address) and not _HTTP_APIS.match(address):
            return original(stubber, request)
        normalized = normalize_request(request)
        try:
            return handler_of(address)(normalized, normalized.raw_url, normalized.headers)
        except HTTPException as error:
            return error.code or 500, dict(error.get_headers()), error.get_body()

    return MotoPatch(BotocoreStubber, "process_request", "self request", process_request)


def _find_handler(address: str) -> Callable[..., Any]:
    """Return moto's handler for the address; moto tries about two hundred patterns."""
    services = (
        ["apigatewayv2"]
        if _HTTP_APIS.match(address)
        else [name for name, pattern in backend_index.backend_url_patterns if pattern.match(address)]
    )
    for service in services:
        backends = get_backend(service)[ACCOUNT]  # type: ignore[call-overload]  # any service's name
        backend = backends[REGION if REGION in backends else "aws"]
        for url, handler in backend.urls.items():
            if re.match(url, address):
                found: Callable[..., Any] = handler
                return found
    raise MotoPatchError(f"moto has no handler for {address}")


def _action_names_patch() -> MotoPatch:
    owner: ModuleType = moto.core.responses
    original: Callable[[object], list[str]] = vars(owner)["method_names_from_class"]
    listed = cache(original)

    def method_names_from_class(clazz: object, _: Call) -> list[str]:
        return listed(clazz)

    return MotoPatch(owner, "method_names_from_class", "clazz", method_names_from_class)


def _url_builder_patch() -> MotoPatch:
    """Compile no function that builds a URL from a route: moto only matches its three hundred routes."""

    def compile_builder(_: SmithyRule, __: Call) -> Callable[..., None]:
        return _no_builder

    return MotoPatch(SmithyRule, "_compile_builder", "self append_unknown", compile_builder)


def _no_builder(*_: object, **__: object) -> None:
    raise MotoPatchError("the offline cloud builds no URLs from moto's routes")
