"""A stage for production is protected, and is deployed only with settings that suit it."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infrastructure.context import UnfinishedStageError, UnknownChoiceError, reject_unfinished
from infrastructure.orderbus import ORDERBUS
from infrastructure.settings import Settings, is_example
from infrastructure.synthesis import synthesise
from tests.assemblies import settings_of_stages
from tests.infrastructure.graph import Graph

FINISHED = {
    "gateway": "stripe",
    "sender_address": "orders@shop.co.uk",
    "alarm_email": "on-call@shop.co.uk",
}


def settings(stage: str = "prod", **changes: Any) -> Settings:
    stages = deepcopy(settings_of_stages()["stages"])
    stages[stage] |= changes
    return ORDERBUS.stage(stage, stages).settings


def protected_stacks(graph: Graph) -> dict[str, bool]:
    artifacts = json.loads((graph.assembly / "manifest.json").read_text())["artifacts"]
    return {
        name: each["properties"].get("terminationProtection", False)
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    }


def test_production_stacks_are_all_protected_from_deletion(dev: Graph, prod: Graph) -> None:
    for graph, expected in ((dev, False), (prod, True)):
        stacks = protected_stacks(graph)
        assert stacks.keys() == graph.templates.keys()
        assert set(stacks.values()) == {expected}


def test_synthesis_rejects_production_as_it_is_committed(tmp_path: Path) -> None:
    with pytest.raises(UnfinishedStageError, match=r"alarm_email.*gateway.*sender_address"):
        synthesise(tmp_path, context={**settings_of_stages(), "stage": "prod"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"alarm_email": None}, "alarm_email: nobody"),
        ({"alarm_email": "on-call@shop.example"}, "alarm_email: nobody"),
        ({"gateway": "simulated"}, "gateway: no customer is charged"),
        ({"gateway_url": "http://127.0.0.1:8420"}, "gateway_url: charges go to a test server"),
        ({"sender_address": "orders@shop.example"}, "sender_address: SES cannot verify"),
    ],
)
def test_unfinished_production_is_rejected_by_setting(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfinishedStageError, match=reason):
        reject_unfinished(App(), settings(**{**FINISHED, **changes}))


def test_finished_production_and_development_are_accepted() -> None:
    reject_unfinished(App(), settings(**FINISHED))
    reject_unfinished(App(), settings("dev"))


@pytest.mark.parametrize("chosen", ["all", "alarm_email,gateway,sender_address"])
def test_context_allows_the_unfinished_settings_it_names(chosen: str) -> None:
    reject_unfinished(App(context={"allow_unfinished": chosen}), settings())


def test_context_allows_no_other_unfinished_setting() -> None:
    app = App(context={"allow_unfinished": "gateway,sender_address"})
    with pytest.raises(UnfinishedStageError, match=r"production\. alarm_email: [^;]*$"):
        reject_unfinished(app, settings())


@pytest.mark.parametrize("chosen", ["true", True, "gateway,true", ["gateway"]])
def test_unknown_name_of_an_unfinished_setting_is_rejected(chosen: object) -> None:
    with pytest.raises(UnknownChoiceError, match=r"allow_unfinished=.*: name settings, or all"):
        reject_unfinished(App(context={"allow_unfinished": chosen}), settings(**FINISHED))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a@example.com", True),
        ("a@mail.example.org", True),
        ("a@shop.EXAMPLE", True),
        ("a@localhost", True),
        ("a@shop.test", True),
        ("a@counterexample.com", False),
        ("a@example.co.uk", False),
        ("example@shop.com", False),
    ],
)
def test_reserved_domains_are_recognised(address: str, *, expected: bool) -> None:
    assert is_example(address) is expected
