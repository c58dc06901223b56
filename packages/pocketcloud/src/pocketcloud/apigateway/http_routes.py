"""Select the route of an HTTP API for a request, as API Gateway does."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import unquote

DEFAULT_ROUTE = "$default"


class _Fit(IntEnum):
    """The match of one segment of a route; smaller is more specific."""

    EXACT = 0
    PARAMETER = 1
    GREEDY = 2


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The matching route key and its path parameters."""

    route_key: str
    path_parameters: dict[str, str]


def match_route(route_keys: Iterable[str], method: str, path: str) -> RouteMatch | None:
    """Return the most specific route, or None: exact beats `{name}` beats `{name+}` beats `$default`.

    `path` is percent-encoded, so an encoded slash stays in its segment.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    keys = tuple(route_keys)
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    default = RouteMatch(DEFAULT_ROUTE, {}) if DEFAULT_ROUTE in keys else None
    return match_segments(keys, method, segments) or default


def match_segments(route_keys: Iterable[str], method: str, segments: list[str]) -> RouteMatch | None:
    """Return the most specific route that has the method and matches the path's segments."""
    found = [
        (rank, key, parameters)
        for key in route_keys
        for rank, parameters in _matches(key, method, segments)
        if rank
    ]
    if not found:
        return None
    _, key, parameters = min(found, key=lambda candidate: candidate[0])
    return RouteMatch(key, parameters)


def _matches(
    route_key: str, method: str, segments: list[str]
) -> Iterable[tuple[tuple[int, ...], dict[str, str]]]:
    """Yield the rank and the parameters if the route matches the request."""
    wanted, _, template = route_key.partition(" ")
    if not template or wanted not in (method, "ANY"):
        return
    fit = _fit(template.split("/")[1:], segments)
    if fit is not None:
        # For the same path, a route with a method beats ANY.
        ranks, parameters = fit
        yield (*ranks, int(wanted == "ANY")), parameters


def _fit(template: list[str], segments: list[str]) -> tuple[tuple[_Fit, ...], dict[str, str]] | None:
    ranks: list[_Fit] = []
    parameters: dict[str, str] = {}
    for index, part in enumerate(template):
        rest = segments[index:]
        if part.startswith("{") and part.endswith("+}"):
            return ((*ranks, _Fit.GREEDY), parameters | {part[1:-2]: "/".join(rest)}) if any(rest) else None
        if not rest:
            return None
        if part.startswith("{") and part.endswith("}") and rest[0]:
            ranks.append(_Fit.PARAMETER)
            parameters[part[1:-1]] = rest[0]
        elif part == rest[0]:
            ranks.append(_Fit.EXACT)
        else:
            return None
    return (tuple(ranks), parameters) if len(template) == len(segments) else None
