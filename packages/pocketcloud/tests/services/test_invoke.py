"""Lambda's Invoke, as boto3 sees it: the response with its log, and the client context."""

import json
from base64 import b64decode, b64encode

import pytest
from botocore.exceptions import ClientError
from small_world import World, zip_files

from pocketcloud.core.engine import UnsupportedOfflineError


def test_function_is_invoked_through_the_lambda_api(world: World) -> None:
    world.function("f", "def handle(event, context): return {'doubled': event['n'] * 2}")
    client = world.cloud.client("lambda")
    response = client.invoke(FunctionName="f", Payload=b'{"n": 21}')
    assert response["Payload"].read() == b'{"doubled": 42}'
    assert client.invoke(FunctionName="f", Payload=b"{}")["FunctionError"] == "Unhandled"
    assert client.invoke(FunctionName="f", InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(ClientError, match="InvalidRequestContent"):
        client.invoke(FunctionName="f", Payload=b"{")


def test_invoke_returns_the_end_of_the_log(world: World) -> None:
    world.function("f", "def handle(event, context): print('long' * 500), print('€' * 1000), print('last')")
    client = world.cloud.client("lambda")
    assert "LogResult" not in client.invoke(FunctionName="f")
    response = client.invoke(FunctionName="f", LogType="Tail")
    tail = b64decode(response["LogResult"])
    assert (response["ExecutedVersion"], len(tail)) == ("$LATEST", 4096)
    assert tail.decode(errors="ignore").splitlines()[-3:-1] == [
        "last",
        f"END RequestId: {response['ResponseMetadata']['RequestId']}",
    ]


def test_failed_invocation_returns_its_traceback_in_the_log(world: World) -> None:
    world.function("f", "def handle(event, context): raise ValueError('why')")
    response = world.cloud.client("lambda").invoke(FunctionName="f", LogType="Tail")
    assert "[ERROR] ValueError: why" in b64decode(response["LogResult"]).decode()


def test_function_receives_the_client_context(world: World) -> None:
    source = """
        def handle(event, context):
            sent = context.client_context
            app = sent.client and [sent.client.app_title, sent.client.installation_id]
            return [sent.custom, sent.env, app, context.identity.cognito_identity_id, context.tenant_id]
    """
    world.function("f", source)
    client = world.cloud.client("lambda")

    def passed(document: object) -> object:
        text = b64encode(json.dumps(document).encode()).decode()
        return json.loads(client.invoke(FunctionName="f", ClientContext=text)["Payload"].read())

    assert passed({"custom": {"a": 1}}) == [{"a": 1}, None, None, None, None]
    assert passed({"client": {"app_title": "shop"}, "env": {}}) == [None, {}, ["shop", None], None, None]
    for wrong in ("no base64", b64encode(b"{").decode(), b64encode(b"[1]").decode()):
        with pytest.raises(ClientError, match="InvalidRequestContentException"):
            client.invoke(FunctionName="f", ClientContext=wrong)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"Runtime": "nodejs24.x", "Handler": "index.handle"}, "runtime nodejs24.x is not supported"),
        ({"PackageType": "Image"}, "container images are not supported"),
    ],
)
def test_function_that_could_never_run_is_rejected(
    world: World, options: dict[str, str], reason: str
) -> None:
    client, code = world.cloud.client("lambda"), {"ZipFile": zip_files({"index.js": ""})}
    with pytest.raises(UnsupportedOfflineError, match=reason):
        client.create_function(FunctionName="f", Role=world.role(), Code=code, **options)
    assert client.list_functions()["Functions"] == []
    world.function("g", "def handle(event, context): return 1")
    with pytest.raises(UnsupportedOfflineError, match="java21"):
        client.update_function_configuration(FunctionName="g", Runtime="java21")
