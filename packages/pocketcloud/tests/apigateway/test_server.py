"""The server offers the AWS endpoint and the deployed HTTP API on 127.0.0.1, in real time."""

import json
import socket
import time
from datetime import timedelta
from errno import EACCES
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest
from served_cloud import SIGNED, ServedCloud, ask
from small_cloud import NOON, Result, deploy_api

from pocketcloud.serving.server import PortError, PortInUseError, Served, open_ports, serve


def call_aws(served: Served, target: str, **parameters: object) -> dict[str, Any]:
    """Call the AWS endpoint as a client that knows only its address."""
    _, _, content = ask(
        "POST",
        f"{served.aws_url}/",
        json.dumps(parameters).encode(),
        X_Amz_Target=target,
        Content_Type="application/x-amz-json-1.0",
        Authorization=SIGNED,
    )
    document: dict[str, Any] = json.loads(content)
    return document


def test_http_request_reaches_the_function(cloud: ServedCloud, served: Served) -> None:
    deploy_api(cloud, "POST /orders/{id}")
    cloud.respond = lambda event: Result(
        {"statusCode": 202, "cookies": ["a=1", "b=2"], "headers": {"x": "y"}, "body": event["body"]}
    )
    url = f"{served.http_url}/orders/a%2Fb?q=%20"
    status, headers, content = ask("POST", url, b'{"a": 1}', Content_Type="application/json")
    assert (status, content, headers["x"]) == (202, b'{"a": 1}', "y")
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert cloud.event["pathParameters"] == {"id": "a/b"}
    assert cloud.event["rawQueryString"] == "q=%20"
    assert cloud.event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


def test_unknown_path_is_not_found_over_http(cloud: ServedCloud, served: Served) -> None:
    deploy_api(cloud, "POST /orders")
    status, _, content = ask("GET", f"{served.http_url}/nowhere")
    assert (status, content) == (404, b'{"message":"Not Found"}')


def test_aws_endpoint_shares_the_stores_of_the_process(cloud: ServedCloud, served: Served) -> None:
    call_aws(served, "AmazonSQS.CreateQueue", QueueName="from-outside")
    (url,) = cloud.client("sqs").list_queues()["QueueUrls"]
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
    received = call_aws(served, "AmazonSQS.ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
    assert [message["Body"] for message in received["Messages"]] == ["hello"]


def test_long_poll_does_not_block_other_requests(cloud: ServedCloud, served: Served) -> None:
    url = cloud.client("sqs").create_queue(QueueName="empty")["QueueUrl"]
    received: list[dict[str, Any]] = []
    poll = Thread(
        target=lambda: received.append(
            call_aws(served, "AmazonSQS.ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
        )
    )
    poll.start()
    time.sleep(0.2)
    call_aws(served, "AmazonSQS.SendMessage", QueueUrl=url, MessageBody="late")
    poll.join(timeout=5)
    assert [message["Body"] for message in received[0]["Messages"]] == ["late"]


def test_short_poll_of_an_empty_queue_returns_nothing(cloud: ServedCloud, served: Served) -> None:
    url = cloud.client("sqs").create_queue(QueueName="empty")["QueueUrl"]
    assert "Messages" not in call_aws(served, "AmazonSQS.ReceiveMessage", QueueUrl=url, WaitTimeSeconds=1)


def test_motos_control_api_is_not_served(served: Served) -> None:
    assert ask("POST", f"{served.aws_url}/moto-api/reset")[0] == 404


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_web_page_is_rejected_at_the_aws_endpoint(served: Served, method: str) -> None:
    assert ask(method, f"{served.aws_url}/", Origin="https://evil.example.com")[0] == 403


def test_planned_action_runs_when_real_time_reaches_it(cloud: ServedCloud) -> None:
    ran: list[str] = []
    cloud.scheduler.after(timedelta(milliseconds=100), lambda: ran.append("soon"), label="test")
    cloud.scheduler.after(timedelta(hours=1), lambda: ran.append("later"), label="test")
    with serve(cloud, aws_port=0, http_port=0):
        time.sleep(0.5)
    assert ran == ["soon"]
    assert cloud.clock.now() > NOON + timedelta(milliseconds=300)


def test_failed_action_is_raised_to_the_waiting_caller(cloud: ServedCloud) -> None:
    def fail() -> None:
        raise LookupError("broken")

    cloud.scheduler.after(timedelta(0), fail, label="test")
    with serve(cloud, aws_port=0, http_port=0) as served, pytest.raises(LookupError, match="broken"):
        served.wait()


def test_port_in_use_is_named(cloud: ServedCloud) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(PortInUseError, match=f"Port {port} of 127.0.0.1 is not available: in use"),
            serve(cloud, aws_port=port),
        ):
            pass


def test_port_error_names_the_reason_when_not_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket, "create_server", Mock(side_effect=PermissionError(EACCES, "Permission denied"))
    )
    with (
        pytest.raises(
            PortError, match=r"Port 80 of 127\.0\.0\.1 is not available: Permission denied"
        ) as refused,
        open_ports(aws_port=80, http_port=0),
    ):
        pass
    assert not isinstance(refused.value, PortInUseError)


def test_ports_are_released_afterwards(cloud: ServedCloud) -> None:
    with serve(cloud, aws_port=0, http_port=0) as first:
        port = int(first.aws_url.rpartition(":")[2])
    with serve(cloud, aws_port=port, http_port=0) as second:
        assert second.aws_url == first.aws_url
