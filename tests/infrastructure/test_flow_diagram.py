"""docs/flow.svg shows the current topology."""

from xml.etree import ElementTree as ET

from infrastructure.flow_diagram import FILE, diagram
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES

SVG = "{http://www.w3.org/2000/svg}"


def test_committed_diagram_is_current() -> None:
    assert FILE.read_text() == diagram(), "run `make diagram`"


def test_diagram_has_a_circle_per_publisher_and_consumer() -> None:
    root = ET.fromstring(diagram())  # noqa: S314 - our own text
    circles = [circle.get("class") for circle in root.iter(f"{SVG}circle")]
    consumers = sum(len(service.reacts_to) for service in SERVICES)
    assert circles.count("publisher") == len(FACTS)
    assert circles.count("consumer") == consumers


def test_diagram_names_every_event_service_and_producer() -> None:
    root = ET.fromstring(diagram())  # noqa: S314 - as above
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert texts >= {fact.name for fact in FACTS} | {service.name for service in SERVICES} | {*OUTSIDERS}
