"""The observer's policy lets a person look and no more; with the operator's, every command can be typed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.orders.api_client import ApiClient
from pocketcloud import OfflineCloud
from tests.permissions.grants import Grant, was_used
from tests.permissions.people import DEV, POLICIES, Person, commands, granted, person
from tests.permissions.work import OperatorWork, do, do_at_once, look, work
from tests.workflow.shop import Shop

WITHOUT_AN_ACCOUNT = {
    "cost",
    "demo",
    "up",
    "events make",
    "events validate",
    "new consumer",
    "schema check",
    "schema release",
    "schema types",
}
AS_A_CUSTOMER = {"orders place", "orders get", "orders cancel"}
"""These commands find the HTTP API as `orders ls` does, and continue with a customer's token."""
OF_AN_ADMINISTRATOR = {
    *("restore stop", "restore start", "restore events", "restore state"),
    *("customers export", "customers erase"),
}
"""These write the log and the tables of services, or read all of a person: no operator may."""
OF_THE_STREAM = {
    "analytics",
    *(f"stream {name}" for name in ("ls", "read", "lag", "fill", "replay", "delete-view")),
}
"""These need a stage with the ordered stream: test_people_of_the_stream.py."""
OF_THE_HEARTBEAT = {"smoke"}
"""It needs a stage with the heartbeat: test_absent_orders.py."""
REASONS = {
    ("lambda:GetFunctionConfiguration", f"function:{DEV.relay}"): (
        "by this name or by its alias's, which is asked for here: AWS does not say"
    ),
}
"""Grants that no command uses here."""


@pytest.fixture(scope="module")
def cloud(open_stage: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=open_stage) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def observer(cloud: OfflineCloud) -> Person:
    return person(cloud, "an-observer", *DEV.observer_policies)


@pytest.fixture(scope="module")
def operator(cloud: OfflineCloud) -> Person:
    return person(cloud, "an-operator", *POLICIES)


@pytest.fixture(scope="module")
def worked(
    cloud: OfflineCloud, observer: Person, operator: Person, tmp_path_factory: pytest.TempPathFactory
) -> OperatorWork:
    """Everything typed: by the observer without `--yes`, then by the operator with it."""
    shop = Shop(cloud)
    shop.open()
    with pytest.MonkeyPatch.context() as patched:
        for module in ("cli.stock.commands", "cli.replay.commands"):
            patched.setattr(f"{module}.sleep", lambda seconds: cloud.advance(seconds=seconds))
        patched.setattr(ApiClient, "request", lambda *_, **__: {"orders": []})  # API Gateway asks no IAM
        todo = work(shop, tmp_path_factory.mktemp("files"))
        look(observer, todo)
        do(observer, todo)
        assert shop.rows("audit") == []
        do(operator, todo, "--yes")
        do_at_once(operator, todo)
        cloud.settle()
    return todo


@pytest.mark.usefixtures("worked")
def test_every_call_of_a_command_is_granted(cloud: OfflineCloud) -> None:
    people = [denial for denial in cloud.access.denials if ":role/an-" in denial.principal.name]
    assert people == []


@pytest.mark.usefixtures("worked")
def test_observer_runs_every_command_that_needs_no_yes(observer: Person, operator: Person) -> None:
    left = set(commands()) - observer.typed - operator.typed
    assert left == WITHOUT_AN_ACCOUNT | AS_A_CUSTOMER | OF_THE_STREAM | OF_THE_HEARTBEAT | OF_AN_ADMINISTRATOR
    assert operator.typed - observer.typed == {"events put", "views rebuild"}


@pytest.mark.usefixtures("worked")
def test_every_grant_is_used_or_has_a_reason(cloud: OfflineCloud, operator: Person) -> None:
    # The runbook has one read this log, too, and no command does.
    group = f"/aws/lambda/{DEV.function('inventory', 'levels')}"
    operator.client("logs").filter_log_events(logGroupName=group)
    idle = {str(grant): grant for grant in granted(cloud) if not is_used(cloud, grant)}
    queues = cloud.client("sqs").list_queues()["QueueUrls"]
    # `dlq` asks for a queue's URL only if the queue is not listed, so that the error names it.
    unlisted = {("sqs:GetQueueUrl", url.rpartition("/")[2]) for url in queues if url.endswith("-dlq")}
    assert {(grant.action, grant.resource.split(":", 5)[5]) for grant in idle.values()} == {
        *REASONS,
        *unlisted,
    }
    assert len(granted(cloud)) > 100


def is_used(cloud: OfflineCloud, grant: Grant) -> bool:
    resources = [
        use.resource
        for use in cloud.access.uses
        if (use.statement, use.action) == (grant.statement, grant.action)
    ]
    return was_used(grant, resources)


def test_check_fails_when_a_grant_is_missing(cloud: OfflineCloud, worked: OperatorWork) -> None:
    poor = person(cloud, "a-poor-observer")
    iam, lacks = cloud.client("iam"), "dynamodb:Scan"
    lines = [
        {"Effect": "Allow", "Action": grant.action, "Resource": grant.resource}
        for grant in granted(cloud)
        if grant.function in DEV.observer_policies
        and (grant.action != lacks or "event-log" in grant.resource)
    ]
    document = {"Version": "2012-10-17", "Statement": lines}
    iam.put_role_policy(RoleName="a-poor-observer", PolicyName="p", PolicyDocument=json.dumps(document))
    with pytest.raises(AssertionError, match=f"not authorized to perform: {lacks} on resource: .*-audit"):
        look(poor, worked)


def test_check_fails_when_a_grant_is_unused(cloud: OfflineCloud) -> None:
    superfluous = Grant(POLICIES[0], f"{POLICIES[0]}[ReadSales]", "dynamodb:Query", "arn:x")
    assert not is_used(cloud, superfluous)
