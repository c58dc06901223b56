"""Tasks call functions and services, are retried, and wait for tokens.

https://states-language.net/spec.html#task-state
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_world import World, arn, policy

Run = Callable[..., dict[str, Any]]
END = {"End": True}
FAILING = """
    class NotPaid(Exception): pass
    calls = []
    def handle(event, context):
        calls.append(1)
        if len(calls) <= event.get("failures", 99):
            raise NotPaid("declined")
        return {"tries": len(calls)}
"""


def test_error_is_retried_with_backoff(run: Run, world: World) -> None:
    function = world.function("f", FAILING)
    retry = {
        "ErrorEquals": ["NotPaid"],
        "IntervalSeconds": 2,
        "BackoffRate": 3,
        "MaxAttempts": 5,
        "MaxDelaySeconds": 15,
    }
    began = world.cloud.clock.now()
    done = run({"T": {"Type": "Task", "Resource": function, "Retry": [retry], **END}}, {"failures": 3})
    assert done["output"] == {"tries": 4}
    assert world.cloud.clock.now() - began == timedelta(seconds=2 + 6 + 15)


def test_jitter_shortens_the_delay(run: Run, world: World) -> None:
    function = world.function("f", FAILING)
    retry = {"ErrorEquals": ["NotPaid"], "IntervalSeconds": 60, "JitterStrategy": "FULL"}
    began = world.cloud.clock.now()
    run({"T": {"Type": "Task", "Resource": function, "Retry": [retry], **END}}, {"failures": 1})
    assert timedelta() < world.cloud.clock.now() - began < timedelta(seconds=60)


def test_error_is_caught_after_its_retries(run: Run, world: World) -> None:
    function = world.function("f", FAILING)
    retry = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}
    catches = [{"ErrorEquals": ["Other"], "Next": "Gone"}, {"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    done = run(
        {
            "T": {"Type": "Task", "Resource": function, "Retry": [retry], "Catch": catches, **END},
            "Gone": {"Type": "Fail"},
            "Caught": {"Type": "Succeed"},
        }
    )
    assert done["output"]["Error"] == "NotPaid"
    assert json.loads(done["output"]["Cause"])["errorMessage"] == "declined"
    assert len(world.cloud.logs("f")) == 2


def test_function_receives_the_payload_and_returns_it(run: Run, world: World) -> None:
    world.function("f", "def handle(event, context): return {'doubled': event['n'] * 2}")
    parameters = {"FunctionName": "f", "Payload": {"n.$": "$.n"}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
    done = run({"T": {**state, "OutputPath": "$.Payload", **END}}, {"n": 4})
    assert done["output"] == {"doubled": 8}


def test_services_are_called_by_tasks(run: Run, world: World) -> None:
    world.table()
    queue = world.queue("q")
    topic = world.cloud.client("sns").create_topic(Name="t")["TopicArn"]
    world.cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    world.rule("all", {"source": ["flow"]}, {"Arn": queue})

    def task(action: str, **parameters: Any) -> dict[str, Any]:
        resource = f"arn:aws:states:::{action}"
        return {"Type": "Task", "Resource": resource, "Parameters": parameters, "ResultPath": "$.result"}

    item = {"pk": {"S.$": "$.id"}, "n": {"N": "1"}}
    event = {"Source": "flow", "DetailType": "Done", "Detail": {"id.$": "$.id"}}
    done = run(
        {
            "Put": {**task("dynamodb:putItem", TableName="log", Item=item), "Next": "Send"},
            "Send": {
                **task("sqs:sendMessage", QueueUrl=world.url("q"), MessageBody={"sqs.$": "$.id"}),
                "Next": "Publish",
            },
            "Publish": {**task("sns:publish", TopicArn=topic, Message={"sns.$": "$.id"}), "Next": "Event"},
            "Event": {**task("events:putEvents", Entries=[event]), "Next": "Get"},
            "Get": {**task("aws-sdk:dynamodb:getItem", TableName="log", Key={"pk": {"S.$": "$.id"}}), **END},
        },
        {"id": "o1"},
    )
    assert done["output"]["result"]["Item"] == {"pk": {"S": "o1"}, "n": {"N": "1"}}
    bodies = [json.loads(body) for body in world.bodies("q")]
    assert {"sqs": "o1"} in bodies
    assert [json.loads(each["Message"]) for each in bodies if "Message" in each] == [{"sns": "o1"}]
    (put,) = [each for each in bodies if each.get("source") == "flow"]
    assert (put["detail"], put["resources"]) == (
        {"id": "o1"},
        [done["executionArn"], done["stateMachineArn"]],
    )


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("dynamodb:putItem", "DynamoDB.ConditionalCheckFailedException"),
        ("aws-sdk:dynamodb:putItem", "DynamoDb.ConditionalCheckFailedException"),
    ],
)
def test_error_of_a_service_has_its_name(run: Run, world: World, resource: str, error: str) -> None:
    world.table()
    world.put("a")
    parameters = {
        "TableName": "log",
        "Item": {"pk": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, **END}
    assert run({"T": state})["error"] == error


def test_role_must_allow_the_task(run: Run, world: World) -> None:
    world.queue("q", Policy="")
    parameters = {"QueueUrl": world.url("q"), "MessageBody": "x"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": parameters, **END}
    world.role()
    denying = policy(Effect="Deny", Action="sqs:*")
    world.cloud.client("iam").put_role_policy(RoleName="any", PolicyName="deny", PolicyDocument=denying)
    done = run({"T": state})
    assert (done["status"], done["error"]) == ("FAILED", "SQS.AccessDeniedException")


def test_event_that_is_not_accepted_fails_the_task(run: Run) -> None:
    entry = {"Source": "flow", "DetailType": "Done", "Detail": "no JSON"}
    parameters = {"Entries": [entry]}
    resource = "arn:aws:states:::events:putEvents"
    done = run({"T": {"Type": "Task", "Resource": resource, "Parameters": parameters, **END}})
    assert done["error"] == "EventBridge.FailedEntry"
    assert json.loads(done["cause"])["Entries"][0]["ErrorCode"] == "MalformedDetail"


def test_response_is_plain_json(run: Run, world: World) -> None:
    world.table()
    resource = "arn:aws:states:::aws-sdk:dynamodb:describeTable"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"TableName": "log"}, **END}
    table = run({"T": state})["output"]["Table"]
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["CreationDateTime"].startswith("2026-01-01T00:00:00")


def token_of(world: World) -> str:
    (message,) = world.messages("q")
    return str(json.loads(message["Body"])["token"])


def waiting(world: World, **more: Any) -> dict[str, Any]:
    world.queue("q", VisibilityTimeout=43_200)
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    parameters = {"QueueUrl": world.url("q"), "MessageBody": {"token.$": "$$.Task.Token"}}
    return {"T": {"Type": "Task", "Resource": resource, "Parameters": parameters, **more, **END}}


def start(world: World, machine: str) -> str:
    started = world.cloud.client("stepfunctions").start_execution(stateMachineArn=machine)
    world.cloud.advance(seconds=1)
    return str(started["executionArn"])


def status(world: World, execution: str) -> dict[str, Any]:
    found: dict[str, Any] = world.cloud.client("stepfunctions").describe_execution(executionArn=execution)
    return found


def test_task_waits_for_its_token(world: World, create: Callable[..., str]) -> None:
    client = world.cloud.client("stepfunctions")
    execution = start(world, create(waiting(world, HeartbeatSeconds=60)))
    token = token_of(world)
    world.cloud.advance(seconds=50)
    client.send_task_heartbeat(taskToken=token)
    world.cloud.advance(seconds=50)
    assert status(world, execution)["status"] == "RUNNING"
    client.send_task_success(taskToken=token, output='{"ok": true}')
    world.cloud.settle()
    assert json.loads(status(world, execution)["output"]) == {"ok": True}
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token, output="{}")


@pytest.mark.parametrize(
    ("limits", "error"),
    [({"HeartbeatSeconds": 60}, "States.HeartbeatTimeout"), ({"TimeoutSeconds": 90}, "States.Timeout")],
)
def test_task_without_its_token_fails(
    world: World, create: Callable[..., str], limits: dict[str, int], error: str
) -> None:
    execution = start(world, create(waiting(world, **limits)))
    world.cloud.advance(minutes=5)
    assert status(world, execution)["error"] == error


def test_token_of_a_stopped_branch_is_void(world: World, create: Callable[..., str]) -> None:
    branches = [
        {"StartAt": "T", "States": waiting(world)},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "Next": "F"}, "F": {"Type": "Fail"}}},
    ]
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Later"}
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": [catch], **END}
    later = {"Type": "Wait", "Seconds": 60, **END}
    execution = start(world, create({"P": parallel, "Later": later}))
    token = token_of(world)
    world.cloud.advance(seconds=20)
    client = world.cloud.client("stepfunctions")
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token, output="{}")
    world.cloud.settle()
    names = [
        each["stateExitedEventDetails"]["name"]
        for each in client.get_execution_history(executionArn=execution)["events"]
        if "stateExitedEventDetails" in each
    ]
    assert names == ["W", "P", "Later"]


def test_token_can_report_a_failure(world: World, create: Callable[..., str]) -> None:
    execution = start(world, create(waiting(world)))
    world.cloud.client("stepfunctions").send_task_failure(taskToken=token_of(world), error="No", cause="why")
    world.cloud.settle()
    found = status(world, execution)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "No", "why")


def test_execution_ends_at_its_timeout(run: Run) -> None:
    done = run({"W": {"Type": "Wait", "Seconds": 500, **END}}, TimeoutSeconds=60)
    assert (done["status"], done["stopDate"] - done["startDate"]) == ("TIMED_OUT", timedelta(seconds=60))


def test_machine_starts_another(run: Run, world: World) -> None:
    client = world.cloud.client("stepfunctions")
    other = client.create_state_machine(
        name="other",
        definition=json.dumps({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}),
        roleArn=world.role(),
    )["stateMachineArn"]
    parameters = {"StateMachineArn": other, "Input": {"n": 1}}
    resource = "arn:aws:states:::states:startExecution"
    done = run({"T": {"Type": "Task", "Resource": resource, "Parameters": parameters, **END}})
    assert done["status"] == "SUCCEEDED"
    (started,) = client.list_executions(stateMachineArn=other)["executions"]
    assert (started["status"], started["stateMachineArn"]) == (
        "SUCCEEDED",
        arn("states", "stateMachine:other"),
    )
