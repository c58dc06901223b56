import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud import AwsCall, Crash
from pocketcloud.virtual_time.clock import START

WRITING = """
    import boto3
    def handle(event, context):
        client = boto3.client("dynamodb")
        for key in "ab":
            client.put_item(TableName="log", Item={"pk": {"S": key}})
        return "done"
"""


def invoke(world: World, name: str = "f", event: dict[str, Any] | None = None) -> Any:
    return world.cloud.invoke(name, event or {})


def test_context_is_that_of_the_lambda_runtime(world: World) -> None:
    source = """
        import time
        def handle(event, context):
            before = context.get_remaining_time_in_millis()
            time.sleep(1.5)
            return [before, context.get_remaining_time_in_millis(), context.function_name,
                    context.memory_limit_in_mb, context.log_group_name, context.invoked_function_arn]
    """
    world.function("f", source, timeout=3)
    began = time.perf_counter()
    assert invoke(world).payload == [
        3000,
        1500,
        "f",
        "128",
        "/aws/lambda/f",
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
    ]
    assert time.perf_counter() - began < 1


def test_function_is_stopped_when_it_times_out(world: World) -> None:
    source = """
        import time
        calls = []
        def handle(event, context):
            calls.append(1)
            if event.get("slow"):
                try:
                    time.sleep(60)
                except Exception:
                    return "survived"
            return len(calls)
    """
    world.function("f", source, timeout=3)
    assert invoke(world).payload == 1
    error = invoke(world, event={"slow": True}).error
    assert (error.type, error.message) == ("Sandbox.Timedout", "Task timed out after 3.00 seconds")
    assert invoke(world).payload == 1


def test_time_of_a_call_counts_against_the_timeout(world: World) -> None:
    world.table()
    world.function("f", WRITING, timeout=3)

    def slowly(_: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        response = proceed()
        world.cloud.clock.sleep(4)
        return response

    world.cloud.calls.middleware.append(slowly)
    assert invoke(world).error.type == "Sandbox.Timedout"
    assert world.cloud.calls.counts["dynamodb.PutItem"] == 1


WAITING = """
    import time
    from datetime import datetime, timedelta
    def handle(event, context):
        if event["by"] == "time":
            end = time.time() + event["seconds"]
            while time.time() < end:
                pass
        else:
            end = datetime.now() + timedelta(seconds=event["seconds"])
            while datetime.now() < end:
                pass
        return context.get_remaining_time_in_millis()
"""


@pytest.mark.parametrize("by", ["time", "datetime"])
def test_function_waits_by_reading_the_clock(world: World, by: str) -> None:
    world.function("f", WAITING, timeout=3)
    assert invoke(world, event={"by": by, "seconds": 2}).payload == 1000
    assert invoke(world, event={"by": by, "seconds": 4}).error.type == "Sandbox.Timedout"
    assert world.cloud.clock.now() == world.cloud.clock.due() == START + timedelta(seconds=5)


def test_function_waits_by_calling_again_and_again(world: World) -> None:
    world.queue("empty")
    source = """
        import boto3, time
        def handle(event, context):
            client, end = boto3.client("sqs"), time.time() + 2
            while time.time() < end:
                client.get_queue_url(QueueName="empty")
            return "ended"
    """
    world.function("f", source, timeout=3)
    assert invoke(world).payload == "ended"


def test_many_reads_outside_a_function_take_no_time(world: World) -> None:
    world.function("f", "def handle(event, context): pass")
    invoke(world)
    for _ in range(100_000):
        time.time()
    assert world.cloud.clock.now() == START


def test_crash_ends_the_sandbox(world: World) -> None:
    source = """
        import boto3
        calls = []
        def handle(event, context):
            calls.append(1)
            client = boto3.client("dynamodb")
            try:
                client.put_item(TableName="log", Item={"pk": {"S": "a"}})
            except Exception:
                return "survived"
            finally:
                client.put_item(TableName="log", Item={"pk": {"S": "after the crash"}})
            return len(calls)
    """
    world.table()
    world.function("f", source)

    def once(_: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        proceed()
        world.cloud.calls.middleware.clear()
        raise Crash

    assert invoke(world).payload == 1
    world.cloud.reset()
    world.cloud.calls.middleware.append(once)
    assert invoke(world).error.type == "Runtime.ExitError"
    items = world.cloud.client("dynamodb").scan(TableName="log")["Items"]
    assert [item["pk"]["S"] for item in items] == ["a"]
    assert invoke(world).payload == 1


def test_middleware_sees_calls_only_while_a_function_runs(world: World) -> None:
    world.table()
    world.function("f", WRITING)
    world.cloud.calls.keep = True
    world.put("from outside")
    order: list[str] = []

    def noting(name: str) -> Callable[[AwsCall, Callable[[], dict[str, Any]]], dict[str, Any]]:
        def middleware(_: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            order.append(name)
            return proceed()

        return middleware

    world.cloud.calls.middleware[:] = [noting("outer"), noting("inner")]
    assert invoke(world).payload == "done"
    assert world.cloud.calls.counts == {"dynamodb.PutItem": 2}
    assert [(call.function, call.operation) for call in world.cloud.calls.log] == [("f", "PutItem")] * 2
    assert order == ["outer", "inner"] * 2


def test_error_is_reported_as_lambda_does(world: World) -> None:
    world.function("f", "def handle(event, context): raise ValueError('no such thing')")
    result = invoke(world)
    assert (result.error.type, result.error.message) == ("ValueError", "no such thing")
    assert result.payload["errorType"] == "ValueError"
    assert "handler.py" in "".join(result.payload["stackTrace"])


BROKEN = [
    ("import nowhere", "Runtime.ImportModuleError"),
    ("def other(event, context): pass", "Runtime.HandlerNotFound"),
    ("raise RuntimeError('at import')", "RuntimeError"),
    ("def handle(event, context): return object()", "Runtime.MarshalError"),
    ("def handle(event, context): return float('nan')", "Runtime.MarshalError"),
    ("def handle(event, context): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge"),
    ("import sys\ndef handle(event, context): sys.exit(1)", "Runtime.ExitError"),
]


@pytest.mark.parametrize(("source", "kind"), BROKEN, ids=[kind for _, kind in BROKEN])
def test_broken_function_has_lambdas_error_type(world: World, source: str, kind: str) -> None:
    world.function("f", source)
    assert invoke(world).error.type == kind


def test_output_goes_only_to_the_functions_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    source = """
        import logging, sys
        logger = logging.getLogger("shared")
        logger.handlers or logger.addHandler(logging.StreamHandler(sys.stdout))
        logger.propagate = False
        def handle(event, context):
            logger.warning("from " + context.function_name)
            print("to stderr", file=sys.stderr)
            print("no newline", end="")
    """
    world.function("one", source)
    world.function("two", source)
    for name in ("one", "two", "one"):
        invoke(world, name)
    assert world.cloud.logs("one") == ["from one", "to stderr", "no newline"] * 2
    assert world.cloud.logs("two") == ["from two", "to stderr", "no newline"]
    assert capsys.readouterr() == ("", "")


def test_function_invokes_another_function(world: World) -> None:
    world.function(
        "inner", "import os\ndef handle(event, context): return os.environ['AWS_LAMBDA_FUNCTION_NAME']"
    )
    outer = """
        import boto3, json, os
        def handle(event, context):
            response = boto3.client("lambda").invoke(FunctionName="inner", Payload=b"{}")
            return [json.loads(response["Payload"].read()), os.environ["AWS_LAMBDA_FUNCTION_NAME"]]
    """
    world.function("outer", outer)
    assert invoke(world, "outer").payload == ["inner", "outer"]


def test_function_without_concurrency_is_throttled(world: World) -> None:
    world.function("f", "def handle(event, context): return 1")
    world.cloud.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert invoke(world).error.type == "TooManyRequestsException"


def test_unknown_function_is_a_lambda_error(world: World) -> None:
    with pytest.raises(ClientError, match="Function not found"):
        world.cloud.client("lambda").invoke(FunctionName="nobody")


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_the_log_holds_the_traceback_of_an_unhandled_exception(world: World, log_format: str) -> None:
    source = "def handle(event, context): raise ValueError('no such thing')"
    world.function("f", source, LoggingConfig={"LogFormat": log_format})
    result = invoke(world)
    (written,) = world.cloud.logs("f")
    if log_format == "Text":
        assert written.startswith("[ERROR] ValueError: no such thing\nTraceback (most recent call last):")
        return
    line = json.loads(written)
    shown = (line["log_level"], line["errorType"], line["errorMessage"], line["requestId"])
    assert shown == ("ERROR", "ValueError", "no such thing", result.payload["requestId"])
    assert "handler.py" in "".join(line["stackTrace"])
