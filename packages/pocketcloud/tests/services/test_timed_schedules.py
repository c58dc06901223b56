"""EventBridge Scheduler: one-time and recurring schedules, with their role, window, retries and queue.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
"""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, policy, trust

from pocketcloud import Kind, OfflineCloud
from pocketcloud.core.engine import UnsupportedOfflineError

AT_ONE = "at(2026-01-01T01:00:00)"
OFF = {"Mode": "OFF"}


def put(world: World, target: str, expression: str = AT_ONE, **options: Any) -> dict[str, Any]:
    """Create the schedule `s` with the role that may do everything; `more` extends its target."""
    more = options.pop("more", {})
    request = {"Name": "s", "ScheduleExpression": expression, "FlexibleTimeWindow": OFF, **options}
    request["Target"] = {"Arn": target, "RoleArn": world.role(), **more}
    world.cloud.client("scheduler").create_schedule(**request)
    return request


def names(world: World) -> list[str]:
    return [each["Name"] for each in world.cloud.client("scheduler").list_schedules()["Schedules"]]


def test_one_time_schedule_runs_once_at_its_time(world: World) -> None:
    put(world, world.queue("q"))
    world.cloud.settle()
    world.cloud.advance(minutes=59)
    assert world.bodies("q") == []
    world.cloud.advance(minutes=2)
    (event,) = map(json.loads, world.bodies("q"))
    event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2026-01-01T01:00:00Z",
        "region": "eu-west-1",
        "resources": [arn("scheduler", "schedule/default/s")],
        "detail": "{}",
    }
    world.cloud.advance(days=2)
    assert len(world.hops(Kind.ENQUEUED)) == 1
    assert names(world) == ["s"]


def test_completed_schedule_is_deleted_when_it_asks_for_that(world: World) -> None:
    put(world, world.queue("q"), ActionAfterCompletion="DELETE")
    world.cloud.advance(hours=2)
    assert names(world) == []


def test_recurring_schedule_runs_from_start_to_end_date(world: World) -> None:
    dates = {"StartDate": "2026-01-01T06:00:00Z", "EndDate": "2026-01-01T08:30:00Z"}
    put(world, world.queue("q"), "rate(1 hour)", **dates, more={"Input": "<aws.scheduler.scheduled-time>"})
    world.cloud.advance(days=1)
    assert world.bodies("q") == [f"2026-01-01T0{hour}:00:00Z" for hour in (7, 8)]


def test_cron_schedule_follows_its_time_zone(world: World) -> None:
    zone = {"ScheduleExpressionTimezone": "Asia/Tokyo", "more": {"Input": "<aws.scheduler.scheduled-time>"}}
    put(world, world.queue("q"), "cron(0 12 * * ? *)", **zone)
    world.cloud.advance(days=1)
    assert world.bodies("q") == ["2026-01-01T03:00:00Z"]


def test_flexible_window_delays_the_run_within_its_minutes(world: World) -> None:
    put(world, world.queue("q"), FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30})
    world.cloud.advance(minutes=91)
    assert len(world.bodies("q")) == 1


def test_schedule_puts_its_own_event_on_a_bus(world: World) -> None:
    world.rule("all", {"source": ["reminders"]}, {"Arn": world.queue("q"), "InputPath": "$.detail"})
    parameters = {"DetailType": "Due", "Source": "reminders"}
    bus = arn("events", "event-bus/default")
    put(world, bus, more={"EventBridgeParameters": parameters, "Input": '{"order": 7}'})
    world.cloud.advance(hours=2)
    assert world.bodies("q") == ['{"order":7}']


def test_updated_schedule_no_longer_runs_by_its_old_time(world: World) -> None:
    request = put(world, world.queue("q"))
    changed = {**request, "ScheduleExpression": "at(2026-01-01T03:00:00)"}
    world.cloud.client("scheduler").update_schedule(**changed)
    world.cloud.advance(hours=2)
    assert world.bodies("q") == []
    world.cloud.advance(hours=2)
    assert len(world.bodies("q")) == 1


@pytest.mark.parametrize("change", ["disabled", "deleted"])
def test_disabled_or_deleted_schedule_does_not_run(world: World, change: str) -> None:
    request = put(world, world.queue("q"))
    if change == "disabled":
        world.cloud.client("scheduler").update_schedule(**request, State="DISABLED")
    else:
        world.cloud.client("scheduler").delete_schedule(Name="s")
    world.cloud.advance(hours=2)
    assert world.bodies("q") == []


def test_failed_run_is_retried_then_dead_lettered(world: World) -> None:
    more = {
        "Input": "hello",
        "RetryPolicy": {"MaximumRetryAttempts": 1},
        "DeadLetterConfig": {"Arn": world.queue("dlq")},
    }
    put(world, world.queue("q"), more=more)
    world.cloud.outages.add("queue/q")
    world.cloud.advance(hours=2)
    (dead,) = world.messages("dlq")
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes.pop("EXECUTION_ID")
    assert attributes["SCHEDULE_ARN"] == arn("scheduler", "schedule/default/s")
    assert attributes["SCHEDULED_TIME"] == "2026-01-01T01:00:00Z"
    assert (attributes["RETRY_ATTEMPTS"], attributes["EXHAUSTED_RETRY_CONDITION"]) == (
        "1",
        "MaximumRetryAttempts",
    )
    assert attributes["TARGET_ARN"] == arn("sqs", "q")


def test_role_must_allow_the_target(world: World) -> None:
    put(world, world.queue("q"))
    denying = json.loads(policy(Effect="Deny", Action="sqs:SendMessage"))
    world.cloud.client("iam").put_role_policy(
        RoleName="any", PolicyName="deny", PolicyDocument=json.dumps(denying)
    )
    world.cloud.advance(hours=2)
    (lost,) = world.cloud.undelivered
    assert lost.where == "schedule/s"
    assert "sqs:SendMessage" in lost.reason


def test_policies_see_the_group_as_the_source(world: World) -> None:
    trusting = trust("scheduler.amazonaws.com")
    group = arn("scheduler", "schedule-group/default")
    trusting["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceArn": group}}
    put(world, world.queue("q"))
    world.cloud.client("iam").update_assume_role_policy(RoleName="any", PolicyDocument=json.dumps(trusting))
    world.cloud.advance(hours=2)
    assert len(world.bodies("q")) == 1


def test_role_sends_to_the_dead_letter_queue(world: World) -> None:
    world.queue("dlq", Policy="")
    dead_letters = {"DeadLetterConfig": {"Arn": arn("sqs", "dlq")}}
    put(world, arn("sqs", "gone"), more=dead_letters)
    world.cloud.advance(hours=2)
    assert len(world.bodies("dlq")) == 1
    denying = policy(Effect="Deny", Resource=arn("sqs", "dlq"))
    world.cloud.client("iam").put_role_policy(RoleName="any", PolicyName="deny", PolicyDocument=denying)
    put(world, arn("sqs", "gone"), "rate(1 hour)", more=dead_letters, Name="again")
    world.cloud.advance(hours=2)
    assert "its dead-letter queue denies access" in world.cloud.undelivered[-1].reason


INVALID = [
    ({"expression": "every day"}, ClientError, "Invalid Schedule Expression every day."),
    ({"ScheduleExpressionTimezone": "Mars/Base"}, ClientError, "Invalid Schedule Expression"),
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, ClientError, "MaximumWindowInMinutes must be 1 to 1440"),
    ({"GroupName": "gone"}, ClientError, "gone"),
    ({"more": {"RetryPolicy": {"MaximumRetryAttempts": 186}}}, ClientError, "must be 0 to 185"),
    (
        {"more": {"SageMakerPipelineParameters": {}}},
        UnsupportedOfflineError,
        "schedule s: unsupported target",
    ),
]


@pytest.mark.parametrize(("options", "error", "reason"), INVALID)
def test_invalid_schedule_is_rejected(
    world: World, options: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        put(world, world.queue("q"), **options)


def test_input_of_a_function_must_be_json(world: World) -> None:
    function = world.function("f", "def handle(event, context): print(event)")
    with pytest.raises(ClientError, match="Input must be a well-formed JSON"):
        put(world, function, more={"Input": "run <aws.scheduler.execution-id>"})
    put(world, function, more={"Input": '{"run": "<aws.scheduler.attempt-number>"}'})
    world.cloud.outages.add("function/f")
    world.cloud.advance(minutes=60, seconds=2)
    world.cloud.outages.clear()
    world.cloud.advance(hours=1)
    (line,) = world.cloud.logs("f")
    assert int(line.removeprefix("{'run': '").removesuffix("'}")) > 1


def test_universal_target_is_rejected_by_name(world: World) -> None:
    with pytest.raises(UnsupportedOfflineError, match="aws-sdk:sqs:sendMessage"):
        put(world, "arn:aws:scheduler:::aws-sdk:sqs:sendMessage")


SCHEDULING = """
    import boto3
    def handle(event, context):
        boto3.client("scheduler").create_schedule(**event)
"""


@pytest.mark.parametrize("may_pass", [True, False])
def test_function_needs_to_pass_the_role_of_its_schedule(world: World, *, may_pass: bool) -> None:
    world.function("f", SCHEDULING)
    if not may_pass:
        world.cloud.client("iam").put_role_policy(
            RoleName="any", PolicyName="deny", PolicyDocument=policy(Effect="Deny", Action="iam:PassRole")
        )
    request = {"Name": "s", "ScheduleExpression": AT_ONE, "FlexibleTimeWindow": OFF}
    request["Target"] = {"Arn": world.queue("q"), "RoleArn": world.role()}
    result = world.cloud.invoke("f", request)
    assert (result.error is None) is may_pass
    world.cloud.advance(hours=2)
    assert len(world.bodies("q")) == may_pass


def test_reset_deletes_the_schedules_of_functions_only(world: World) -> None:
    world.function("f", SCHEDULING)
    request = put(world, world.queue("q"), "rate(1 hour)")
    assert world.cloud.invoke("f", {**request, "Name": "of-function"}).error is None
    world.cloud.reset()
    assert names(world) == ["s"]
    world.cloud.advance(minutes=61)
    assert len(world.bodies("q")) == 1


TEMPLATE = {
    "Resources": {
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "nightly"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": trust("scheduler.amazonaws.com"),
                "Policies": [
                    {
                        "PolicyName": "send",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"},
                            ],
                        },
                    }
                ],
            },
        },
        "Reminder": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "GroupName": {"Ref": "Group"},
                "ScheduleExpression": "rate(1 hour)",
                "FlexibleTimeWindow": OFF,
                "Target": {
                    "Arn": {"Fn::GetAtt": ["Jobs", "Arn"]},
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Input": '{"job": "clean"}',
                },
            },
        },
    }
}


def test_schedule_of_a_template_runs(tmp_path: Path) -> None:
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://123456789012/eu-west-1",
        "properties": {"templateFile": "s.template.json", "stackName": "s"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"s": artifact}}))
    (tmp_path / "s.template.json").write_text(json.dumps(TEMPLATE))
    with OfflineCloud.start(assembly=tmp_path) as cloud:
        cloud.advance(minutes=121)
        assert World(cloud).bodies("jobs") == ['{"job": "clean"}'] * 2
