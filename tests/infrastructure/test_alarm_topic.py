"""The topic of a stage's alarms."""

from pathlib import Path

from aws_cdk import App

from app import PATHS
from infrastructure.orderbus import ORDERBUS
from infrastructure.synthesis import add_stacks
from pocketcloud import OfflineCloud
from tests.infrastructure.graph import Graph
from tests.infrastructure.test_stages import dev_with

ON_CALL = "on-call@example.com"
NOBODY = "Stage dev has no alarm_email"


def synthesised(outdir: Path, **changes: object) -> Graph:
    app = App(outdir=str(outdir), context=PATHS, builtin_cloud_formation_validation=False)
    add_stacks(app, stage=ORDERBUS.stage("dev", dev_with(**changes)))
    app.synth()
    return Graph(outdir)


def messages_of(graph: Graph) -> str:
    """The messages of the command line about the platform."""
    return "".join(path.read_text() for path in graph.assembly.glob("*-platform.metadata.json"))


def test_alarm_email_is_subscribed_to_the_topic(tmp_path: Path) -> None:
    graph = synthesised(tmp_path, alarm_email=ON_CALL)
    (subscribed,) = [
        each.properties for each in graph.of("SNS::Subscription") if each.properties["Protocol"] == "email"
    ]
    topic = graph.named("SNS::Topic", "orderbus-dev-alarms")
    assert subscribed["Endpoint"] == ON_CALL
    assert subscribed["TopicArn"].endswith(f":{topic.name}")
    assert NOBODY not in messages_of(graph)


def test_synthesis_warns_when_there_is_no_alarm_email(dev: Graph) -> None:
    assert not [each for each in dev.of("SNS::Subscription") if each.properties["Protocol"] == "email"]
    assert NOBODY in messages_of(dev)


def test_alarm_fires_offline_without_sending_email(tmp_path: Path) -> None:
    graph = synthesised(tmp_path, alarm_email=ON_CALL)
    with OfflineCloud.start(assembly=graph.assembly) as cloud:
        url = cloud.client("sqs").get_queue_url(QueueName="orderbus-dev-shipping")["QueueUrl"]
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody="this is not JSON")
        cloud.advance(minutes=5)
        assert "orderbus-dev-shipping-dlq-not-empty" in {change.alarm for change in cloud.alarms.changes}
        assert cloud.mails == []
        assert {each.reason for each in cloud.undelivered} == {"json_invalid"}
