"""The topology as SVG: publishers, events and consumers, each a link to its page."""

from collections.abc import Iterator
from html import escape

from infrastructure.names import EVENT_HUBS
from infrastructure.services import FactDeclaration
from infrastructure.stream_consumers import STREAM_CONSUMERS
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES, TOPOLOGY, consumers_of

ROW_PX, TOP_PX, EVENT_PX, CONSUMER_PX, WIDTH_PX = 36, 48, 300, 660, 800
STREAM, STREAM_PAGE = "ordered stream", "docs/stream.html"
STREAM_READERS = tuple(service.name for service in STREAM_CONSUMERS)
READERS_OF_ALL = (*STREAM_READERS, *(service.name for service in TOPOLOGY.bridges), EVENT_HUBS)
"""Receivers of every event of ours; only some stages have them."""


def topology_map() -> str:
    """Return the SVG; CSS highlights the paths of what has the pointer or the focus."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    publishers = _spread(
        [*dict.fromkeys((*OUTSIDERS, *(name for fact in FACTS for name in _publishers(fact))))]
    )
    consumers = _spread([service.name for service in SERVICES if service.reacts_to])
    readers = {name: _row(len(FACTS) + place) for place, name in enumerate(READERS_OF_ALL)}
    height = TOP_PX + ROW_PX * (len(FACTS) + len(readers))
    yield f'<svg class="map" viewBox="0 0 {WIDTH_PX} {height}" role="group" aria-label="Topology">'
    for x, words in ((8, "publishes"), (EVENT_PX, "event"), (CONSUMER_PX, "consumes")):
        yield f'<text class="head" x="{x}" y="20">{words}</text>'
    for place, fact in enumerate(FACTS):
        y = _row(place)
        receivers = [service.name for service in consumers_of(fact.name)]
        yield f'<g class="flow" data-names="{" ".join([*_publishers(fact), fact.name, *receivers])}">'
        yield from (_curve(120, publishers[name], EVENT_PX - 8, y) for name in _publishers(fact))
        yield from (_curve(EVENT_PX + 170, y, CONSUMER_PX - 8, consumers[name]) for name in receivers)
        yield _link(f"events/{fact.name}.html", fact.name, EVENT_PX, y)
        yield "</g>"
    yield from _of_all(readers)
    yield from (_publisher(name, y) for name, y in publishers.items())
    yield from (_link(_page_of(name), name, CONSUMER_PX, y) for name, y in {**consumers, **readers}.items())
    yield "</svg>"


def _of_all(readers: dict[str, int]) -> Iterator[str]:
    """Draw who receives every event of our own, below the events: by the ordered stream, or on a queue."""
    own = [_row(place) for place, fact in enumerate(FACTS) if fact in TOPOLOGY.own_facts]
    top, bottom = own[0] - ROW_PX // 3, own[-1] + ROW_PX // 3
    for name, y in readers.items():
        path = ["stream", name] if name in STREAM_READERS else [name]
        names = " ".join([*path, *(fact.name for fact in TOPOLOGY.own_facts)])
        yield f'<g class="flow" data-names="{names}">'
        end = EVENT_PX - 8 if "stream" in path else CONSUMER_PX - 8
        yield f'<path class="edge" d="M{EVENT_PX - 16} {top} V{bottom} L{EVENT_PX - 8} {y} H{end}"/>'
        if "stream" in path:
            yield _curve(EVENT_PX + 170, y, CONSUMER_PX - 8, y)
            yield _link(STREAM_PAGE, STREAM, EVENT_PX, y, key="stream")
        yield "</g>"


def _page_of(consumer: str) -> str:
    """Return the address of its page; a rule alone sends to Event Hubs, so that is no service."""
    return "docs/neighbours/event-hubs.html" if consumer == EVENT_HUBS else f"services/{consumer}.html"


def _spread(names: list[str]) -> dict[str, int]:
    step = len(FACTS) / len(names)
    return {name: _row(int(place * step + step / 2)) for place, name in enumerate(names)}


def _row(place: int) -> int:
    return TOP_PX + ROW_PX * place + ROW_PX // 2


def _publishers(fact: FactDeclaration) -> tuple[str, ...]:
    return fact.owner, *fact.also_from


def _publisher(name: str, y: int) -> str:
    if name in OUTSIDERS:
        return f'<text class="node" data-name="{escape(name)}" x="8" y="{y + 5}">{escape(name)}</text>'
    return _link(f"services/{name}.html", name, 8, y)


def _link(target: str, name: str, x: int, y: int, *, key: str = "") -> str:
    text = f'<text class="node" x="{x}" y="{y + 5}">{escape(name)}</text>'
    return f'<a href="{target}" data-name="{escape(key or name)}">{text}</a>'


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    middle = (x + to_x) // 2
    return f'<path class="edge" d="M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"/>'
