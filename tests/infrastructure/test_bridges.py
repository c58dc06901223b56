"""The setting `bridges`: a stage without a row has no bridge, and a wrong row stops the synthesis."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from infrastructure.application import InvalidStageError
from infrastructure.bridge_settings import Bridge, Bridges
from infrastructure.orderbus import ORDERBUS
from infrastructure.services import Function, Service
from infrastructure.tables import IS_SET
from infrastructure.topology import TOPOLOGY
from infrastructure.triggers import Queue
from tests.assemblies import settings_of_stages

STAGES: dict[str, dict[str, Any]] = settings_of_stages()["stages"]


def dev_with(bridges: object) -> dict[str, dict[str, Any]]:
    stages = deepcopy(STAGES)
    stages["dev"]["bridges"] = bridges
    return stages


@pytest.mark.parametrize("name", STAGES)
def test_stage_has_no_bridge_by_default(name: str) -> None:
    stage = ORDERBUS.stage(name, STAGES)
    assert stage.bridges == ()
    known = (*TOPOLOGY.services, *TOPOLOGY.monitors)
    assert {service.name for service in stage.services} <= {each.name for each in known}


@pytest.mark.parametrize(
    ("bridges", "reason"),
    [
        ([], r"Expected `object`, got `array` - at `\$.bridges`"),
        ({"carrier_pigeon": {}}, r"unknown field `carrier_pigeon` - at `\$.bridges`"),
    ],
)
def test_wrong_row_is_rejected_by_name(bridges: object, reason: str) -> None:
    with pytest.raises(InvalidStageError, match=reason):
        ORDERBUS.stage("dev", dev_with(bridges))


class PigeonBridges(Bridges, frozen=True, kw_only=True):
    """Settings with a broker that no application has."""

    pigeon: Bridge | None = None


def test_row_is_rejected_when_bridge_or_fact_is_unknown() -> None:
    row = PigeonBridges(pigeon=Bridge(facts=("OrderEaten", "StockReplenished")))
    with pytest.raises(ValueError, match="no bridge to pigeon"):
        row.check(TOPOLOGY, has_stream=False)
    pigeon = Service(name="pigeon", functions=())
    with pytest.raises(ValueError, match="publishes OrderEaten, StockReplenished; remove them"):
        row.check(replace(TOPOLOGY, bridges=(pigeon,)), has_stream=False)


def test_condition_reads_a_setting_within_a_setting() -> None:
    stage = ORDERBUS.stage("dev", STAGES)
    assert stage.includes({"alarms.selection": "all", "production": False})
    assert not stage.includes({"alarms.selection": "essential"})
    assert stage.includes({"api": IS_SET})
    assert not stage.includes({"ordered_stream": IS_SET})


def test_queue_receives_the_selected_facts_only() -> None:
    function = Function(module="handler", trigger=Queue(reacts_to=("OrderCreated", "OrderConfirmed")))
    service = Service(name="pigeon", functions=(function,))
    assert service.receiving(("OrderCreated",)).reacts_to == ("OrderCreated",)
    assert service.receiving(None) is service


@pytest.mark.parametrize(
    ("facts", "beats", "is_watched"),
    [
        (None, 5, True),
        (["OrderConfirmed", "StockRanLow"], 5, True),
        (["StockRanLow"], 5, False),
        (None, None, False),
    ],
)
def test_bridge_that_carries_orders_has_an_alarm_on_absence(
    facts: list[str] | None, beats: int | None, is_watched: bool
) -> None:
    row = {"servers": ["127.0.0.1:9092"], "topic": "orders", "sasl": None, "facts": facts}
    stages = dev_with({"kafka": row})
    stages["dev"]["heartbeat_minutes"] = beats
    stage = ORDERBUS.stage("dev", stages)
    (kafka,) = stage.bridges
    (silent,) = kafka.consumer.alarms
    assert (silent.name, stage.includes(silent.only_when)) == ("silent", is_watched)
