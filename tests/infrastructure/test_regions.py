"""A region that lacks an optional service is served without it; one that lacks a needed one is rejected."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from botocore.session import Session

from infrastructure.application import Stage
from infrastructure.context import UnsupportedRegionError, reject_region
from infrastructure.orderbus import ORDERBUS
from infrastructure.regions import LACKING
from infrastructure.synthesis import synthesise
from tests.assemblies import settings_of_stages

ISSUER = {
    "issuer": "https://id.example",
    "audience": "shop",
    "scope": "orders",
    "operator_scope": None,
    "verified_email": True,
}
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def stage(**changes: Any) -> Stage:
    stages = settings_of_stages()["stages"]
    stages["dev"] |= changes
    return ORDERBUS.stage("dev", stages)


def regions_of(service: str) -> set[str]:
    session = Session()
    return {
        region
        for each in PARTITIONS
        for region in session.get_available_regions(service, partition_name=each)
    }


@pytest.mark.parametrize("service", LACKING)
def test_regions_are_those_of_botocores_endpoints(service: str) -> None:
    assert regions_of("dynamodb") - regions_of(service) == LACKING[service]


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("ap-east-1", "cannot run in ap-east-1, which lacks SES, which sends the emails: deploy to another"),
        ("cn-north-1", "SES.*; Cognito's user pools: name an issuer of your own in the setting token"),
    ],
)
def test_region_is_rejected_when_it_lacks_what_orders_need(region: str, reason: str) -> None:
    with pytest.raises(UnsupportedRegionError, match=reason):
        reject_region(App(context={"region": region}), stage())


def test_own_issuer_needs_no_user_pool() -> None:
    with pytest.raises(UnsupportedRegionError, match=r"emails: deploy to another region\. If"):
        reject_region(App(context={"region": "cn-north-1"}), stage(token=ISSUER))


@pytest.mark.parametrize("region", ["eu-west-1", "il-central-1", "xx-new-9"])
def test_other_region_is_accepted(region: str) -> None:
    reject_region(App(context={"region": region}), stage())


def test_region_is_the_command_lines_without_a_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_DEFAULT_REGION", raising=False)
    reject_region(App(), stage())
    monkeypatch.setenv("CDK_DEFAULT_REGION", "ap-east-1")
    with pytest.raises(UnsupportedRegionError):
        reject_region(App(), stage())
    reject_region(App(context={"region": "eu-west-1"}), stage())


def test_synthesis_checks_the_region(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedRegionError):
        synthesise(tmp_path, context={**settings_of_stages(), "region": "ap-east-1"})


def test_registry_is_left_out_where_there_is_none(tmp_path: Path) -> None:
    context = {**settings_of_stages(), "region": "il-central-1"}
    synthesise(tmp_path, context=context, is_validated=False)
    template = json.loads((tmp_path / "orderbus-dev-platform.template.json").read_text())
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert "AWS::Events::EventBus" in kinds
    assert not {kind for kind in kinds if "EventSchemas" in kind}
