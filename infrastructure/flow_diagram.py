"""Draw the publishers and consumers of each event from the topology: `make diagram`."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from infrastructure.services import FactDeclaration
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES, consumers_of

FILE = Path(__file__).parents[1] / "docs" / "flow.svg"
HAPPY_PATH = (
    "CheckoutCompleted",
    "OrderCreated",
    "InventoryReserved",
    "PaymentProcessed",
    "OrderConfirmed",
    "ShipmentScheduled",
)
"""The events of an order that ships, in this order; the diagram has all others below."""

COLUMN_PX, ROW_PX, LABELS_PX, TOP_PX = 96, 34, 190, 64
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .column { text-anchor: middle; font-weight: 600; }
  .outside, .note { fill: #59636e; }
  .lane { stroke: #d1d9e0; stroke-width: 2; }
  .event { stroke: #59636e; stroke-width: 2; }
  .publisher { fill: #59636e; }
  .consumer { fill: #ffffff; stroke: #59636e; stroke-width: 2; }
  .happy .event { stroke: #0969da; }
  .happy .publisher { fill: #0969da; }
  .happy .consumer { stroke: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .outside, .note { fill: #9198a1; }
    .lane { stroke: #3d444d; }
    .event { stroke: #9198a1; }
    .publisher { fill: #9198a1; }
    .consumer { fill: #0d1117; stroke: #9198a1; }
    .happy .event { stroke: #4493f8; }
    .happy .publisher { fill: #4493f8; }
    .happy .consumer { stroke: #4493f8; }
  }
"""


def diagram() -> str:
    """Return the diagram as SVG, readable on light and dark pages."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    columns = (*OUTSIDERS, *(service.name for service in SERVICES))
    events = sorted(FACTS, key=_row)
    width, height = LABELS_PX + COLUMN_PX * len(columns), TOP_PX + ROW_PX * (len(events) + 1)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    yield "<title>Who publishes and who consumes each event</title>"
    yield f"<style>{STYLE}</style>"
    yield f'<text class="note" x="8" y="{TOP_PX - 28}">● publishes  ○ consumes</text>'
    position = {name: LABELS_PX + COLUMN_PX * n + COLUMN_PX // 2 for n, name in enumerate(columns)}
    for name, x in position.items():
        kind = "column outside" if name in OUTSIDERS else "column"
        yield f'<text class="{kind}" x="{x}" y="{TOP_PX - 28}">{escape(name)}</text>'
        yield f'<line class="lane" x1="{x}" y1="{TOP_PX - 16}" x2="{x}" y2="{height - ROW_PX // 2}"/>'
    for number, event in enumerate(events):
        yield from _event(event, position, y=TOP_PX + ROW_PX * number + ROW_PX // 2)
    yield "</svg>"


def _row(event: FactDeclaration) -> int:
    return HAPPY_PATH.index(event.name) if event.name in HAPPY_PATH else len(HAPPY_PATH)


def _event(event: FactDeclaration, position: dict[str, int], *, y: int) -> Iterator[str]:
    """Draw one row: a line from the publisher to its consumers."""
    publisher = position[event.owner]
    consumers = [position[service.name] for service in consumers_of(event.name)]
    ends = (publisher, *consumers)
    yield f'<g class="{"happy" if event.name in HAPPY_PATH else "other"}">'
    yield f'<text x="8" y="{y + 5}">{escape(event.name)}</text>'
    yield f'<line class="event" x1="{min(ends)}" y1="{y}" x2="{max(ends)}" y2="{y}"/>'
    yield from (f'<circle class="consumer" cx="{x}" cy="{y}" r="7"/>' for x in sorted(consumers))
    yield f'<circle class="publisher" cx="{publisher}" cy="{y}" r="7"/>'
    yield "</g>"


if __name__ == "__main__":
    FILE.write_text(diagram())
