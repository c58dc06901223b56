"""A stage has exactly the settings of cdk.json."""

import json
from copy import deepcopy
from typing import Any

import pytest

from app import ROOT
from infrastructure.application import InvalidStageError
from infrastructure.orderbus import ORDERBUS
from tests.infrastructure.graph import Graph

BUS_ARN = "arn:aws:events:eu-west-1:111122223333:event-bus/partner"
STAGES: dict[str, dict[str, Any]] = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]
ESSENTIAL = STAGES["dev"]["alarms"]
ALL = {**ESSENTIAL, "selection": "all"}
TOKEN = {
    "issuer": "https://id.example",
    "audience": "shop",
    "scope": "orders",
    "operator_scope": None,
    "verified_email": True,
}


def dev_with(**changes: object) -> dict[str, dict[str, Any]]:
    stages = deepcopy(STAGES)
    stages["dev"].update(changes)
    return stages


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_of_cdk_json_is_valid(name: str) -> None:
    assert ORDERBUS.stage(name, STAGES).name == name


def test_unknown_stage_is_rejected_with_the_known_names() -> None:
    with pytest.raises(InvalidStageError, match=r"no stage 'test' in cdk\.json; add it, or use dev, prod"):
        ORDERBUS.stage("test", STAGES)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"retention": 7}, "unknown field `retention`"),
        ({"api": {"rate_limit": 1}}, r"missing required field `burst_limit` - at `\$.api`"),
        ({"alarms": {**STAGES["dev"]["alarms"], "volume": 11}}, r"unknown field `volume` - at `\$.alarms`"),
        ({"api": {**STAGES["dev"]["api"], "quota": 1}}, r"unknown field `quota` - at `\$.api`"),
        ({"token": {**STAGES["dev"]["token"], "jwks": None}}, r"unknown field `jwks` - at `\$.token`"),
        ({"consumer_concurrency": "2"}, r"Expected `int`, got `str` - at `\$.consumer_concurrency`"),
        ({"consumer_concurrency": 1}, "`int` >= 2"),
        ({"batching_seconds": {"views": 5}}, "is of fraud, notifications, views: add or remove fraud, not"),
        ({"batching_seconds": {**STAGES["dev"]["batching_seconds"], "orders": 1}}, "add or remove orders"),
        ({"batching_seconds": {**STAGES["dev"]["batching_seconds"], "views": 301}}, "batching_seconds"),
        ({"relay_parallelization": 11}, "relay_parallelization"),
        ({"sales_shards": 33}, "sales_shards"),
        ({"log_retention_days": 8}, "log_retention_days"),
        ({"order_timeout_minutes": 0}, "order_timeout_minutes"),
        ({"success_log_rate": 1.5}, "success_log_rate"),
        ({"removal_policy": "keep"}, "removal_policy"),
        ({"ingress_sources": []}, "ingress_sources"),
        ({"deployment": "canary_50_percent"}, r"Invalid enum value 'canary_50_percent' - at `\$.deployment`"),
        ({"ingress_sources": ["aws.s3"]}, r"matching regex .* at `\$.ingress_sources\[0\]`"),
        ({"restored_streams": {"waiting": "2026-11-29T01:02:03.456"}}, "no stream of waiting is read"),
        ({"restored_streams": {"stock": "latest"}}, r"matching regex .* at `\$.restored_streams"),
        ({"publish_versions": {"OrderCreated": 3}}, "unknown versions: OrderCreated: 3"),
        ({"publish_versions": {"OrderPlaced": 1}}, "unknown versions: OrderPlaced: 1"),
        ({"publish_versions": {"OrderCreated": 0}}, "publish_versions"),
        ({"accept_older_until": {}}, "for each older version from outside: CheckoutCompleted 1"),
        (
            {"accept_older_until": {"CheckoutCompleted": {"2": "2027-06-30"}}},
            "from outside: CheckoutCompleted 1",
        ),
        ({"accept_older_until": {"CheckoutCompleted": {"1": "2027-06-29"}}}, "partners know 2027-06-30"),
        ({"accept_older_until": {"CheckoutCompleted": {"1": "2027-06-31"}}}, "no such day: '2027-06-31'"),
        ({"ingress_sources": ["orders"]}, "must not be services: remove orders"),
        (
            {"ingress_accounts": [{"account": "12345678901", "sources": ["a"]}]},
            r"`\$.ingress_accounts\[0\].acc",
        ),
        ({"ingress_accounts": [{"account": "1" * 12, "sources": []}]}, r"ingress_accounts\[0\].sources`"),
        ({"ingress_accounts": [{"account": "1" * 12, "sources": ["aws.s3"]}]}, r"sources\[0\]`"),
        ({"ingress_accounts": [{"account": "1" * 12, "sources": ["payments"]}]}, "remove payments"),
        (
            {"ingress_accounts": [{"account": "1" * 12, "sources": ["a"], "org": "o-1"}]},
            "unknown field `org`",
        ),
        ({"ingress_accounts": [{"account": "1" * 12, "sources": ["a"]}] * 2}, "more than one entry for 1111"),
        ({"forward": [{"facts": ["OrderCreated"], "event_bus_arn": "partner"}]}, "event_bus_arn"),
        ({"forward": [{"facts": [], "event_bus_arn": BUS_ARN}]}, r"forward\[0\].facts"),
        ({"forward": [{"facts": ["OrderEaten"], "event_bus_arn": BUS_ARN}]}, "forwarded facts OrderEaten"),
        ({"forward": [{"facts": ["CheckoutCompleted"], "event_bus_arn": BUS_ARN}]}, "CheckoutCompleted"),
        ({"forward": [{"facts": ["OrderCreated"], "event_bus_arn": BUS_ARN}] * 2}, "more than one entry"),
        (
            {
                "deployment": "canary_10_percent_5_minutes",
                "alarms": {**ALL, "evaluation_periods": 5},
            },
            "ends before",
        ),
        ({"alarms": {**STAGES["dev"]["alarms"], "selection": "few"}}, r"`\$.alarms.selection`"),
        ({"alarms": ESSENTIAL, "dashboards": True}, "canaries and dashboards read alarms"),
        ({"alarms": ESSENTIAL, "deployment": "canary_10_percent_5_minutes"}, "canaries and dashboards"),
        ({"alarms": {**ESSENTIAL, "order_volume_deviations": 3}}, "set it to null"),
        ({"heartbeat_minutes": 60}, "heartbeat_minutes"),
        ({"heartbeat_minutes": 10, "alarms": {**ALL, "heartbeat_missing_minutes": 10}}, "before the next"),
        ({"ingress_sources": ["heartbeat"]}, "remove heartbeat"),
        ({"gateway": "paypal"}, r"Invalid enum value 'paypal' - at `\$.gateway`"),
        ({"gateway": "stripe", "gateway_url": "http://stripe.example"}, "gateway_url"),
        ({"gateway_url": "https://stripe.example"}, "simulated gateway has no gateway_url"),
        ({"sender_address": "nobody"}, "sender_address"),
        ({"sender_identity": "domain"}, r"Invalid enum value 'domain' - at `\$.sender_identity`"),
        ({"alarm_email": "nobody"}, "alarm_email"),
        (
            {"allowed_origins": ["https://shop.example/checkout"]},
            r"matching regex .* `\$.allowed_origins\[0\]`",
        ),
        ({"allowed_origins": ["http://shop.example"]}, "allowed_origins"),
        ({"token": {**STAGES["dev"]["token"], "issuer": "https://id.example"}}, "together, or none"),
        ({"token": {**STAGES["dev"]["token"], "verified_email": True}}, "Cognito does not"),
        (
            {"token": {**STAGES["dev"]["token"], "operator_scope": "orders.operate"}},
            "no customer may have it",
        ),
        ({"token": {**TOKEN, "operator_scope": TOKEN["scope"]}}, "no customer may have it"),
        (
            {"token": TOKEN, "ordered_stream": {"shards": 1, "retention_hours": 24}},
            "GET /analytics needs token.operator_scope",
        ),
    ],
)
def test_wrong_setting_is_rejected_by_name(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidStageError, match=reason):
        ORDERBUS.stage("dev", dev_with(**changes))


def test_missing_setting_is_rejected_by_name() -> None:
    stages = deepcopy(STAGES)
    del stages["dev"]["alarms"]
    with pytest.raises(InvalidStageError, match="missing required field `alarms`"):
        ORDERBUS.stage("dev", stages)


def test_production_keeps_its_data_and_development_cleans_up(dev: Graph, prod: Graph) -> None:
    for graph, policy, protected in ((dev, "Delete", False), (prod, "Retain", True)):
        for table in graph.of("DynamoDB::Table"):
            assert table.deletion_policy == policy
            assert table.properties["DeletionProtectionEnabled"] is protected
            recovery = table.properties["PointInTimeRecoverySpecification"]
            assert recovery["PointInTimeRecoveryEnabled"] is protected
        (pool,) = graph.of("Cognito::UserPool")
        assert pool.deletion_policy == policy
        assert pool.properties["DeletionProtection"] == ("ACTIVE" if protected else "INACTIVE")


def test_named_resources_are_kept_in_production_unless_rolled_back(dev: Graph, prod: Graph) -> None:
    for graph, policies in (
        (dev, {("Delete", "Delete")}),
        (prod, {("RetainExceptOnCreate", "Retain")}),
    ):
        for kind in ("Logs::LogGroup", "Events::Archive"):
            raw = [graph.templates[each.stack]["Resources"][each.logical_id] for each in graph.of(kind)]
            assert {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in raw} == policies


@pytest.mark.parametrize("name", STAGES)
def test_deploy_page_has_the_concurrency_of_consumers(name: str) -> None:
    most = STAGES[name]["consumer_concurrency"]
    text = " ".join((ROOT / "docs" / "deploy.md").read_text().split())
    assert f"{most} instances in `{name}`" in text or f"and {most} in `{name}`" in text


def test_retention_concurrency_and_alarms_follow_the_stage(watched: Graph, prod: Graph) -> None:
    for graph, name in ((watched, "dev"), (prod, "prod")):
        stage = STAGES[name]
        for group in graph.of("Logs::LogGroup"):
            names_callers = "vendedlogs" in group.properties["LogGroupName"]
            setting = "access_log_retention_days" if names_callers else "log_retention_days"
            assert group.properties["RetentionInDays"] == stage[setting]
        (archive,) = graph.of("Events::Archive")
        assert archive.properties["RetentionDays"] == stage["archive_retention_days"]
        for mapping in graph.of("Lambda::EventSourceMapping"):
            if "ScalingConfig" in mapping.properties:
                concurrency = mapping.properties["ScalingConfig"]["MaximumConcurrency"]
                assert concurrency == stage["consumer_concurrency"]
        ages = [
            (alarm.properties["Threshold"], alarm.properties["EvaluationPeriods"])
            for alarm in graph.of("CloudWatch::Alarm")
            if alarm.properties.get("MetricName") == "ApproximateAgeOfOldestMessage"
        ]
        alarms = stage["alarms"]
        assert set(ages) == {(alarms["message_age_seconds"], alarms["evaluation_periods"])}


def test_two_stages_share_no_name(dev: Graph, prod: Graph) -> None:
    kinds = ("SQS::Queue", "SNS::Topic", "DynamoDB::Table", "Events::EventBus", "Lambda::Function")
    for kind in kinds:
        assert not {each.name for each in dev.of(kind)} & {each.name for each in prod.of(kind)}


def test_cdk_validates_the_templates_of_all_settings(chosen: Graph) -> None:
    # Without validation there is no report.
    report = json.loads((chosen.assembly / "validation-report.json").read_text())
    assert report["pluginReports"] == []


def test_existing_sender_identity_is_used_and_not_made(chosen: Graph) -> None:
    assert chosen.any_of("SES::EmailIdentity") == []
    (line,) = [line for _, line in chosen.roles() if line["Action"] == "ses:SendEmail"]
    assert line["Condition"] == {"StringEquals": {"ses:FromAddress": STAGES["dev"]["sender_address"]}}


def test_other_issuer_replaces_the_user_pool(chosen: Graph) -> None:
    (authorizer,) = chosen.of("ApiGatewayV2::Authorizer")
    assert authorizer.properties["JwtConfiguration"] == {
        "Issuer": "https://id.example",
        "Audience": ["shop"],
    }
    routes = [each.properties for each in chosen.of("ApiGatewayV2::Route")]
    assert [each["RouteKey"] for each in routes if "AuthorizerId" not in each] == ["POST /webhooks/payments"]
    scopes = {each["RouteKey"]: each.get("AuthorizationScopes") for each in routes}
    assert (scopes.pop("POST /webhooks/payments"), scopes.pop("GET /analytics")) == (None, ["orders.operate"])
    assert all(each == ["orders"] for each in scopes.values())
    assert not [each for each in chosen.resources if each.type.startswith("AWS::Cognito")]
