"""The topic of a stage's alarms."""

from tests.infrastructure.conftest import ON_CALL
from tests.infrastructure.graph import Graph

NOBODY = "Stage dev has no alarm_email"


def messages_of(graph: Graph) -> str:
    """The messages of the command line about the platform."""
    return "".join(path.read_text() for path in graph.assembly.glob("*-platform.metadata.json"))


def test_alarm_email_is_subscribed_to_the_topic(shared: Graph) -> None:
    (subscribed,) = [
        each.properties for each in shared.of("SNS::Subscription") if each.properties["Protocol"] == "email"
    ]
    topic = shared.named("SNS::Topic", "orderbus-dev-alarms")
    assert subscribed["Endpoint"] == ON_CALL
    assert subscribed["TopicArn"].endswith(f":{topic.name}")
    assert NOBODY not in messages_of(shared)


def test_synthesis_warns_when_there_is_no_alarm_email(dev: Graph) -> None:
    assert not [each for each in dev.of("SNS::Subscription") if each.properties["Protocol"] == "email"]
    assert NOBODY in messages_of(dev)
