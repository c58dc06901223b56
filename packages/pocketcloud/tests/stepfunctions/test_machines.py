"""State machines: their API, who starts them, and what is rejected."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, policy, trust

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

Create = Callable[..., str]
END = {"End": True}
PASS = {"P": {"Type": "Pass", **END}}
WAIT = {"W": {"Type": "Wait", "Seconds": 60, **END}}
MACHINE = arn("states", "stateMachine:m")
LONG = f'"{"x" * 262_144}"'


def client(world: World) -> Any:
    return world.cloud.client("stepfunctions")


def executions(world: World) -> list[tuple[str, Any]]:
    """Return the status and the input of each execution, the first one first."""
    listed = client(world).list_executions(stateMachineArn=MACHINE)["executions"]
    described = [client(world).describe_execution(executionArn=each["executionArn"]) for each in listed]
    return [(each["status"], json.loads(each["input"])) for each in reversed(described)]


def test_machine_is_described_and_listed(world: World, create: Create) -> None:
    create(PASS, tags=[{"key": "team", "value": "shop"}])
    described = client(world).describe_state_machine(stateMachineArn=MACHINE)
    assert json.loads(described["definition"])["States"] == PASS
    assert (described["name"], described["type"], described["status"]) == ("m", "STANDARD", "ACTIVE")
    assert [each["name"] for each in client(world).list_state_machines()["stateMachines"]] == ["m"]
    tags = client(world).list_tags_for_resource(resourceArn=MACHINE)["tags"]
    assert tags == [{"key": "team", "value": "shop"}]


def test_same_machine_can_be_created_again(create: Create) -> None:
    assert create(PASS) == create(PASS)
    with pytest.raises(ClientError, match="StateMachineAlreadyExists"):
        create(WAIT)


def test_running_execution_keeps_its_definition(world: World, create: Create) -> None:
    create(WAIT)
    started = client(world).start_execution(stateMachineArn=MACHINE, input='{"n": 1}')["executionArn"]
    world.cloud.advance(seconds=1)
    changed = json.dumps({"StartAt": "F", "States": {"F": {"Type": "Fail"}}})
    client(world).update_state_machine(stateMachineArn=MACHINE, definition=changed)
    client(world).start_execution(stateMachineArn=MACHINE)
    world.cloud.settle()
    assert executions(world) == [("SUCCEEDED", {"n": 1}), ("FAILED", {})]
    history = client(world).get_execution_history(executionArn=started)["events"]
    reverse = client(world).get_execution_history(executionArn=started, reverseOrder=True)["events"]
    assert reverse == history[::-1]
    assert [each["type"] for each in history] == [
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "ExecutionSucceeded",
    ]
    assert history[1]["stateEnteredEventDetails"] == {"name": "W", "input": '{"n":1}'}
    latest = client(world).get_execution_history(executionArn=started, reverseOrder=True)["events"]
    assert latest[0]["executionSucceededEventDetails"] == {"output": '{"n":1}'}


def test_name_makes_a_start_idempotent(world: World, create: Create) -> None:
    create(WAIT)
    request = {"stateMachineArn": MACHINE, "name": "one", "input": '{"n": 1}'}
    first = client(world).start_execution(**request)["executionArn"]
    assert client(world).start_execution(**request)["executionArn"] == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client(world).start_execution(**{**request, "input": "{}"})
    world.cloud.settle()
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client(world).start_execution(**request)


def test_execution_can_be_stopped(world: World, create: Create) -> None:
    create(WAIT)
    started = client(world).start_execution(stateMachineArn=MACHINE)["executionArn"]
    world.cloud.advance(seconds=1)
    client(world).stop_execution(executionArn=started, error="Enough", cause="by hand")
    world.cloud.settle()
    found = client(world).describe_execution(executionArn=started)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "by hand")
    aborted = client(world).list_executions(stateMachineArn=MACHINE, statusFilter="ABORTED")["executions"]
    assert len(aborted) == 1


def test_deleted_machine_ends_its_executions(world: World, create: Create) -> None:
    create(WAIT)
    started = client(world).start_execution(stateMachineArn=MACHINE)["executionArn"]
    client(world).delete_state_machine(stateMachineArn=MACHINE)
    assert client(world).describe_execution(executionArn=started)["status"] == "ABORTED"
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        client(world).start_execution(stateMachineArn=MACHINE)


def test_reset_forgets_executions_and_keeps_machines(world: World, create: Create) -> None:
    create(WAIT)
    client(world).start_execution(stateMachineArn=MACHINE)
    world.cloud.reset()
    world.cloud.settle()
    assert executions(world) == []
    assert world.cloud.journal.hops == []


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("start_execution", {"stateMachineArn": MACHINE, "input": "{"}, "InvalidExecutionInput"),
        (
            "start_execution",
            {"stateMachineArn": MACHINE, "input": LONG},
            "ValidationException",
        ),
        ("describe_execution", {"executionArn": arn("states", "execution:m:x")}, "ExecutionDoesNotExist"),
        ("send_task_success", {"taskToken": "t", "output": "{"}, "InvalidOutput"),
        ("send_task_heartbeat", {"taskToken": "t"}, "TaskTimedOut"),
        ("list_executions", {"stateMachineArn": MACHINE, "nextToken": "odd"}, "InvalidToken"),
    ],
)
def test_invalid_request_has_its_error(
    world: World, create: Create, operation: str, parameters: dict[str, str], code: str
) -> None:
    create(PASS)
    with pytest.raises(ClientError, match=code):
        getattr(client(world), operation)(**parameters)


def test_unsupported_operation_is_rejected_by_name(world: World, create: Create) -> None:
    create(PASS)
    with pytest.raises(UnsupportedOfflineError, match=r"stepfunctions\.create_activity is not supported"):
        client(world).create_activity(name="a")


def test_rule_starts_the_machine_with_its_event(world: World, create: Create) -> None:
    create(PASS)
    with pytest.raises(ClientError, match="RoleArn is required"):
        world.rule("all", {"source": ["shop"]}, {"Arn": MACHINE})
    target = {"Arn": MACHINE, "RoleArn": world.role(), "InputPath": "$.detail"}
    world.rule("all", {"source": ["shop"]}, target)
    world.cloud.put_events([{"Source": "shop", "DetailType": "Sold", "Detail": '{"id": 7}'}])
    world.cloud.settle()
    assert executions(world) == [("SUCCEEDED", {"id": 7})]
    started = world.hops(Kind.INVOKED)
    assert [(hop.source, hop.destination) for hop in started] == [("rule/all", "state-machine/m")]


def test_event_for_a_missing_machine_is_dead_lettered(world: World) -> None:
    target = {"Arn": MACHINE, "RoleArn": world.role(), "DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", {"source": ["shop"]}, target)
    world.cloud.put_events([{"Source": "shop", "DetailType": "Sold", "Detail": "{}"}])
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_schedule_starts_the_machine(world: World, create: Create) -> None:
    create(PASS)
    target = {"Arn": MACHINE, "RoleArn": world.role(), "Input": '{"run": "<aws.scheduler.attempt-number>"}'}
    world.cloud.client("scheduler").create_schedule(
        Name="s",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    world.cloud.advance(minutes=90)
    assert executions(world) == [("SUCCEEDED", {"run": "1"})]


STARTING = """
    import boto3
    def handle(event, context):
        boto3.client("stepfunctions").start_execution(stateMachineArn=event["machine"], input='{"by": "f"}')
"""


def test_function_needs_permission_to_start_it(world: World, create: Create) -> None:
    create(PASS)
    iam = world.cloud.client("iam")
    iam.create_role(RoleName="poor", AssumeRolePolicyDocument=json.dumps(trust("lambda.amazonaws.com")))
    world.function("f", STARTING)
    world.cloud.client("lambda").update_function_configuration(
        FunctionName="f", Role="arn:aws:iam::123456789012:role/poor"
    )
    error = world.cloud.invoke("f", {"machine": MACHINE}).error
    assert error is not None
    assert "states:StartExecution" in error.message
    document = policy(Action="states:StartExecution", Resource=MACHINE)
    iam.put_role_policy(RoleName="poor", PolicyName="p", PolicyDocument=document)
    assert world.cloud.invoke("f", {"machine": MACHINE}).error is None
    world.cloud.settle()
    assert executions(world) == [("SUCCEEDED", {"by": "f"})]


def test_role_must_be_one_for_step_functions(world: World, create: Create) -> None:
    world.function("f", "def handle(event, context): return 1")
    create({"T": {"Type": "Task", "Resource": arn("lambda", "function:f"), **END}})
    document = json.dumps(trust("lambda.amazonaws.com"))
    world.cloud.client("iam").update_assume_role_policy(RoleName="any", PolicyDocument=document)
    client(world).start_execution(stateMachineArn=MACHINE)
    world.cloud.settle()
    assert executions(world) == [("FAILED", {})]


@pytest.mark.parametrize(("kind", "expected"), [("STANDARD", ["RUNNING", "SUCCEEDED"]), ("EXPRESS", [])])
def test_status_changes_are_events(world: World, create: Create, kind: str, expected: list[str]) -> None:
    create(PASS, type=kind)
    world.rule("flow", {"source": ["aws.states"]}, {"Arn": world.queue("q")})
    client(world).start_execution(stateMachineArn=MACHINE, input='{"n": 1}')
    world.cloud.settle()
    events = sorted(map(json.loads, world.bodies("q")), key=lambda event: event["detail"]["status"])
    assert [event["detail"]["status"] for event in events] == expected
    assert all(event["detail-type"] == "Step Functions Execution Status Change" for event in events)


def test_lists_have_pages(world: World, create: Create) -> None:
    create(PASS)
    names = [f"e{number}" for number in range(5)]
    for name in names:
        client(world).start_execution(stateMachineArn=MACHINE, name=name)
    pages = client(world).get_paginator("list_executions").paginate(stateMachineArn=MACHINE, maxResults=2)
    shown = [[each["name"] for each in page["executions"]] for page in pages]
    assert shown == [["e4", "e3"], ["e2", "e1"], ["e0"]]


def test_express_execution_is_limited(world: World, create: Create) -> None:
    create({"W": {"Type": "Wait", "Seconds": 500, "End": True}}, type="EXPRESS")
    started = client(world).start_execution(stateMachineArn=MACHINE)["executionArn"]
    world.cloud.advance(minutes=6)
    (failure,) = [hop for hop in world.cloud.journal.hops if hop.kind is Kind.FAILED]
    assert failure.reason == "TIMED_OUT: States.Timeout"
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        client(world).describe_execution(executionArn=started)
