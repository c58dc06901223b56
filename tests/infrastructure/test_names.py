"""Every physical name, by one convention."""

import pytest

from infrastructure import topology
from infrastructure.names import Names, kebab, table_variable
from tests.infrastructure.graph import NAMES, Graph


@pytest.mark.parametrize(
    ("fact", "name"), [("OrderCreated", "order-created"), ("SKUChanged", "skuchanged"), ("Order", "order")]
)
def test_a_fact_s_name_is_hyphenated_at_its_capitals(fact: str, name: str) -> None:
    assert kebab(fact) == name


def test_no_two_facts_share_a_topic() -> None:
    assert len({kebab(fact.name) for fact in topology.FACTS}) == len(topology.FACTS)


def test_a_table_s_variable_is_its_name_in_capitals() -> None:
    assert table_variable("stock") == "STOCK_TABLE"


def test_an_idempotency_table_carries_its_service_s_name() -> None:
    names = Names("dev")
    assert names.table("payments", "idempotency") == "orderbus-dev-payments-idempotency"
    assert names.table("inventory", "stock") == "orderbus-dev-stock"


def test_every_name_begins_with_the_stage_s_prefix_and_is_unique_and_short_enough(prod: Graph) -> None:
    for kind in NAMES:
        names = [each.name for each in prod.any_of(kind.removeprefix("AWS::"))]
        assert len(set(names)) == len(names)
        assert all(len(name) <= 64 and "orderbus-prod-" in name for name in names)
