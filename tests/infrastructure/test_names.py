"""Every physical name follows one convention."""

import pytest

from infrastructure import topology
from infrastructure.names import Names, kebab, table_variable
from tests.infrastructure.graph import NAMES, Graph


@pytest.mark.parametrize(
    ("fact", "name"), [("OrderCreated", "order-created"), ("SKUChanged", "skuchanged"), ("Order", "order")]
)
def test_kebab_hyphenates_a_name_at_its_capitals(fact: str, name: str) -> None:
    assert kebab(fact) == name


def test_no_two_facts_share_a_topic() -> None:
    assert len({kebab(fact.name) for fact in topology.FACTS}) == len(topology.FACTS)


def test_table_variable_is_the_name_in_capitals() -> None:
    assert table_variable("stock") == "STOCK_TABLE"


def test_idempotency_table_has_the_name_of_its_service() -> None:
    names = Names("dev")
    assert names.table("payments", "idempotency") == "orderbus-dev-payments-idempotency"
    assert names.table("inventory", "stock") == "orderbus-dev-stock"


def test_names_are_prefixed_unique_and_short(prod: Graph) -> None:
    for kind in NAMES:
        names = [each.name for each in prod.any_of(kind.removeprefix("AWS::"))]
        assert len(set(names)) == len(names)
        assert all(len(name) <= 64 and "orderbus-prod-" in name for name in names)
