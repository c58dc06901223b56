"""The whole site as files."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalogue.event_page import EventPage, event_page
from catalogue.markdown import ROOT, html_of, title_of
from catalogue.service_page import ServicePage, service_page
from catalogue.topology_map import topology_map
from infrastructure.topology import FACTS, OUTSIDERS, TOPOLOGY

FOLDER = ROOT / "build" / "catalogue"
ASSETS = Path(__file__).parent / "assets"
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write(folder: Path) -> None:
    """Write the site into the folder, which holds nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def files() -> dict[str, str]:
    """Return the text of every file by its path in the site."""
    events = [event_page(fact) for fact in FACTS]
    services = [service_page(each) for each in TOPOLOGY.every_service]
    documents = sorted((ROOT / "docs").rglob("*.md"))
    assets = {path.name: path.read_text(encoding="utf-8") for path in ASSETS.iterdir()}
    pictures = {
        f"docs/{path.name}": path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.svg")
    }
    pages = dict(_pages(events, services, documents))
    return {**assets, **pictures, **pages, "search-index.js": _index(events, services, documents)}


def _pages(
    events: list[EventPage], services: list[ServicePage], documents: list[Path]
) -> Iterator[tuple[str, str]]:
    decisions = [(_address(each), title_of(each)) for each in documents if _is_decision(each)]
    overview = {"events": events, "services": services, "decisions": decisions, "map": topology_map()}
    yield "index.html", _page("index", "", **overview)
    for event in events:
        yield f"events/{event.name}.html", _page("event", "../", event=event, outsiders=OUTSIDERS)
    for service in services:
        yield f"services/{service.name}.html", _page("service", "../", service=service)
    for document in documents:
        up = "../" * _address(document).count("/")
        html = html_of(document, pages=documents)
        yield _address(document), _page("document", up, html=html, heading=title_of(document))


def _page(template: str, up: str, **values: object) -> str:
    return _TEMPLATES.get_template(f"{template}.html").render(up=up, **values)


def _address(document: Path) -> str:
    return document.relative_to(ROOT).with_suffix(".html").as_posix()


def _is_decision(document: Path) -> bool:
    return document.parent.name == "decisions" and document.name[0].isdigit()


def _index(events: list[EventPage], services: list[ServicePage], documents: list[Path]) -> str:
    """Return the search index as a script: a page from file:// may not fetch."""
    rows = [
        *(_entry("event", each.name, f"events/{each.name}.html", asdict(each)) for each in events),
        *(_entry("service", each.name, f"services/{each.name}.html", asdict(each)) for each in services),
        *(
            _entry("docs", title_of(each), _address(each), each.read_text(encoding="utf-8"))
            for each in documents
        ),
    ]
    return f"window.CATALOGUE = {json.dumps(rows, ensure_ascii=False)};\n"


def _entry(kind: str, title: str, address: str, content: object) -> dict[str, str]:
    return {"kind": kind, "title": title, "address": address, "text": " ".join(str(content).lower().split())}
