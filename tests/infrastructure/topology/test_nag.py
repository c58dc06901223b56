"""cdk-nag's packs AwsSolutions and Serverless over production's stacks; each exception has a reason."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from app import PATHS, ROOT
from infrastructure.orderbus import ORDERBUS
from infrastructure.synthesis import add_stacks


@dataclass(frozen=True)
class Acknowledged:
    """A rule that is broken on purpose, at the constructs whose path ends so (`*` stands for anything)."""

    rule: str
    where: str
    reason: str


ACKNOWLEDGED = (
    Acknowledged(
        "AwsSolutions-SQS3",
        "platform/*DeadLetters/Resource/Resource",
        "It is a dead-letter queue, of rules or of a stream mapping, which the rule does not see.",
    ),
    Acknowledged(
        "AwsSolutions-SQS3",
        "inventory/LevelsListener/DeadLetters/Resource/Resource",
        "It is a dead-letter queue of a stream mapping, which the rule does not see.",
    ),
    Acknowledged(
        "Serverless-SQSRedrivePolicy",
        "DeadLetters/Resource/Resource",
        "A dead-letter queue has no other one: an alarm reports its first message.",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::[*][]]",
        "Role/DefaultPolicy/Resource",
        "X-Ray's PutTraceSegments and PutTelemetryRecords take no resource; a test allows `*` to them alone.",
    ),
    Acknowledged(
        "Serverless-LambdaTracing",
        "/Resource/Resource",
        "`prod` continues traces and starts none: an order's trace is in the event log (decision 0030).",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::arn:*:ses:*:identity/[*][]]",
        "notifications/Consumer/Function/Role/DefaultPolicy/Resource",
        "In the SES sandbox recipients are identities as well; the sender is fixed by a condition.",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::[*][]]",
        "Canary/Role/DefaultPolicy/Resource",
        "DescribeAlarms lists, so AWS's own policy for CodeDeploy has it on `*`; it is all that is read.",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::[*][]]",
        "observability/Observer/Resource/Resource",
        "Lists and measurements that take no resource; tests/infrastructure/test_people.py names the four.",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::arn:*:logs:*:log-group:/aws/lambda/orderbus-prod-*:[*][]]",
        "observability/Observer/Resource/Resource",
        "A log group's own ARN ends so where its lines are meant; each function's is named.",
    ),
    Acknowledged(
        "AwsSolutions-IAM5[[]Resource::arn:*:events:*:replay/*-[*][]]",
        "observability/Operator/Resource/Resource",
        "A replay is named when it starts, after its consumer and the time.",
    ),
    Acknowledged(
        "AwsSolutions-L1",
        "Resource",
        "Python 3.13 on purpose: the layer's wheels are built for it and the tests run under it.",
    ),
    Acknowledged("Serverless-LambdaLatestVersion", "Resource", "As AwsSolutions-L1."),
    Acknowledged(
        "Serverless-LambdaDLQ",
        "Resource",
        "None is invoked asynchronously but by the clock, whose next minute makes good the last.",
    ),
    Acknowledged(
        "Serverless-LambdaEventSourceMappingDestination",
        "Consumer/Mapping/Resource/Resource",
        "A queue's failed messages go to the queue's own dead-letter queue; the destination is for streams.",
    ),
    Acknowledged(
        "Serverless-SNSRedrivePolicy",
        "platform/Alarms/Resource/on-call@example.com/Resource",
        "An email to a person: the alarm's history has what is not delivered.",
    ),
    Acknowledged(
        "Serverless-EventBusDLQ",
        "/Minute/Resource",
        "The clock's event holds nothing but the time; the next minute makes good the last.",
    ),
    Acknowledged(
        "AwsSolutions-APIG4",
        "OrderApi/Resource/POST--webhooks--payments/Resource",
        "The payment provider has no token of ours: its signature is verified instead (decision 0019).",
    ),
    Acknowledged(
        "AwsSolutions-SMG4",
        "payments/PaymentGateway/Resource",
        "The provider issues the key and a person puts it in; AWS cannot rotate it.",
    ),
    Acknowledged(
        "AwsSolutions-COG1",
        "Customers/UserPool/Resource",
        "Twelve characters of any kind: NIST SP 800-63B advises length and against rules of composition.",
    ),
    Acknowledged(
        "AwsSolutions-COG2",
        "Customers/UserPool/Resource",
        "A shop's customers sign in without a second factor; name another issuer to have one.",
    ),
    Acknowledged(
        "AwsSolutions-COG8",
        "Customers/UserPool/Resource",
        "The plan with threat protection is priced per user; name another issuer to have it.",
    ),
)

Finding = tuple[str, str]


def production() -> App:
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context={**settings, **PATHS}, builtin_cloud_formation_validation=False)
    # With all that a stage may have: a gateway that moves money brings a secret, a function and a route.
    settings["stages"]["prod"] |= {"gateway": "stripe", "alarm_email": "on-call@example.com"}
    add_stacks(app, stage=ORDERBUS.stage("prod", settings["stages"]))
    return app


def findings(app: App, outdir: Path) -> list[Finding]:
    """(rule, path of the construct) of all that the packs find."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):  # by what is acknowledged, at the least
        app.synth()
    report = json.loads((outdir / "validation-report.json").read_text())
    return sorted(_findings(report))


def _findings(report: object) -> Iterator[Finding]:
    if isinstance(report, dict):
        for each in report.get("violatingConstructs", []):
            yield report["ruleName"], each["constructPath"]
        report = list(report.values())
    if isinstance(report, list):
        for each in report:
            yield from _findings(each)


def is_acknowledged(finding: Finding, line: Acknowledged) -> bool:
    rule, path = finding
    return fnmatchcase(rule, line.rule) and fnmatchcase(path, f"*{line.where}")


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    """The findings in production's stacks, and in one with a careless queue."""
    app = production()
    sqs.Queue(Stack(app, "Careless"), "Queue")
    return findings(app, Path(app.outdir))


def is_careless(finding: Finding) -> bool:
    return finding[1].startswith("Careless/")


def test_every_finding_is_acknowledged_with_a_reason(found: list[Finding]) -> None:
    ours = [each for each in found if not is_careless(each)]
    strange = [each for each in ours if not any(is_acknowledged(each, line) for line in ACKNOWLEDGED)]
    assert ours
    assert strange == []


def test_every_acknowledgement_matches_a_finding(found: list[Finding]) -> None:
    ours = [each for each in found if not is_careless(each)]
    idle = [line.rule for line in ACKNOWLEDGED if not any(is_acknowledged(each, line) for each in ours)]
    assert idle == []


def test_queue_without_dead_letter_queue_is_found(found: list[Finding]) -> None:
    rules = {rule for rule, _ in filter(is_careless, found)}
    assert {"AwsSolutions-SQS3", "AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"} <= rules
