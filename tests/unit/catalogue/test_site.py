"""The catalogue: every link leads somewhere, and every page can be read by everybody."""

import json
import re
from collections.abc import Mapping
from itertools import pairwise

import pytest

from catalogue.fields import Field, differences
from catalogue.site import files
from infrastructure.names import EVENT_HUBS
from infrastructure.topology import FACTS, TOPOLOGY
from tests.unit.catalogue.page import Page

OUTSIDE = ("https://", "http://", "mailto:")
Pages = Mapping[str, Page]


@pytest.fixture(scope="module")
def site() -> Mapping[str, str]:
    return files()


@pytest.fixture(scope="module")
def pages(site: Mapping[str, str]) -> Pages:
    return {path: Page(path, text) for path, text in site.items() if path.endswith(".html")}


def test_site_has_every_event_service_and_page(pages: Pages) -> None:
    assert {f"events/{fact.name}.html" for fact in FACTS} <= pages.keys()
    assert {f"services/{service.name}.html" for service in TOPOLOGY.every_service} <= pages.keys()
    assert {"index.html", "docs/README.html", "docs/runbook.html"} <= pages.keys()


def test_every_link_and_anchor_leads_somewhere(pages: Pages, site: Mapping[str, str]) -> None:
    broken = []
    for page in pages.values():
        for target in page.having("href") + page.having("src"):
            path, _, fragment = target.partition("#")
            if target.startswith(OUTSIDE):
                continue
            found = page.resolved(path) if path else page.path
            ids = pages[found].having("id") if found in pages else []
            if found not in site or (fragment and fragment not in ids):
                broken.append(f"{page.path}: {target}")
    assert broken == []


def test_site_needs_no_network(pages: Pages, site: Mapping[str, str]) -> None:
    for page in pages.values():
        loaded = page.having("src") + [str(each["href"]) for _, each in page.of("link")]
        assert not [target for target in loaded if target.startswith(("http", "//"))], page.path
    assert "fetch(" not in site["catalogue.js"]
    assert "url(" not in site["style.css"]


def test_every_page_is_accessible(pages: Pages) -> None:
    for page in pages.values():
        assert_accessible(page)


def assert_accessible(page: Page) -> None:
    assert page.unbalanced == []
    assert page.of("html")[0][1]["lang"] == "en"
    assert page.texts["title"].strip()
    levels = [int(tag[1]) for tag, _ in page.of("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [(one, two) for one, two in pairwise(levels) if two > one + 1] == []
    assert all(image.get("alt") for _, image in page.of("img"))
    labels = {each["for"] for _, each in page.of("label")}
    assert {each["id"] for _, each in page.of("input")} <= labels
    assert len(page.having("id")) == len(set(page.having("id")))
    assert {"nav", "main", "header", "footer"} <= {tag for tag, _ in page.elements}
    assert all(each.get("aria-label") for _, each in page.of("nav", "svg"))
    assert all(each.get("scope") for _, each in page.of("th")) or page.path.startswith("docs/")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(site: Mapping[str, str], scheme: int) -> None:
    block = re.findall(r":root \{([^{}]*--page[^{}]*)\}", site["style.css"])[scheme]
    colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
    for background in ("page", "panel"):
        for name in ("text", "muted", "link"):
            assert contrast(colours[name], colours[background]) >= 4.5, (name, background)
        assert contrast(colours["line"], colours[background]) >= 3


def test_search_index_has_every_page(pages: Pages, site: Mapping[str, str]) -> None:
    text = site["search-index.js"].removeprefix("window.CATALOGUE = ").removesuffix(";\n")
    addresses = {entry["address"] for entry in json.loads(text)}
    assert addresses == pages.keys() - {"index.html"}


def test_map_has_a_link_for_every_event_and_consumer(pages: Pages) -> None:
    linked = {each["data-name"] for _, each in pages["index.html"].of("a") if "data-name" in each}
    assert {fact.name for fact in FACTS} <= linked
    assert {service.name for service in TOPOLOGY.every_service} | {"stream", EVENT_HUBS} <= linked


def test_map_leads_own_events_to_the_stream_consumers(pages: Pages, site: Mapping[str, str]) -> None:
    groups = [str(each["data-names"]).split() for _, each in pages["index.html"].of("g")]
    own = {fact.name for fact in TOPOLOGY.own_facts}
    (stream,) = [names for names in groups if "stream" in names]
    assert {*stream} == {"stream", "analytics", *own}
    for name in (*(bridge.name for bridge in TOPOLOGY.bridges), EVENT_HUBS):
        assert [{*names} for names in groups if name in names] == [{name, *own}]
    flows = {fact.name: site[f"events/{fact.name}.html"].split("</ol>")[0] for fact in FACTS}
    assert tuple(fact for fact in FACTS if "analytics" in flows[fact.name]) == TOPOLOGY.own_facts


def test_event_page_has_fields_with_deep_links_and_readers(site: Mapping[str, str]) -> None:
    page = site["events/OrderCreated.html"]
    assert 'id="v2-email"' in page
    assert 'href="#v1-lines[].sku"' in page
    row = page.split('id="v2-email"')[1].split("</tr>")[0]
    assert "notifications" in row
    places = [page.index(text) for text in ('<h2 id="v2">', "Changes since version 1", '<h2 id="v1">')]
    assert places == sorted(places)
    assert page.count("published until 2027-06-30") == 1


def test_differences_name_added_removed_and_changed_fields() -> None:
    def field(path: str, kind: str = "string") -> Field:
        return Field(path=path, kind=kind, limits="", is_required=True, meaning="")

    old, new = [field("a"), field("b"), field("c")], [field("a"), field("b", "integer"), field("d")]
    assert differences(old, new) == ["adds d", "removes c", "changes b"]
