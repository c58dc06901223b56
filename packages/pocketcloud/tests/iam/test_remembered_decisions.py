"""Decisions are remembered only as long as nothing that they depend on changes."""

import json

import pytest

from pocketcloud import OfflineCloud

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:queue"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/sold"


def policy(**condition: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def is_allowed(cloud: OfflineCloud, rule: str = RULE) -> bool:
    denial = cloud.access.authorize_service("events.amazonaws.com", "sqs:SendMessage", QUEUE, source_arn=rule)
    return denial is None


@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
def test_grants_end_when_their_time_is_over(key: str) -> None:
    with OfflineCloud() as cloud:
        until = cloud.clock.now().replace(day=2).isoformat()
        attributes = {"Policy": policy(DateLessThan={key: until})}
        cloud.client("sqs").create_queue(QueueName="queue", Attributes=attributes)
        assert (is_allowed(cloud), is_allowed(cloud)) == (True, True)
        cloud.advance(days=2)
        assert not is_allowed(cloud)


def test_grants_hold_only_for_their_source_and_policy() -> None:
    with OfflineCloud() as cloud:
        attributes = {"Policy": policy(ArnEquals={"aws:SourceArn": RULE})}
        url = cloud.client("sqs").create_queue(QueueName="queue", Attributes=attributes)["QueueUrl"]
        assert (is_allowed(cloud), is_allowed(cloud), is_allowed(cloud, f"{RULE}-2")) == (True, True, False)
        assert sum(cloud.access.uses.values()) == 2
        attributes = {"Policy": policy(ArnEquals={"aws:SourceArn": f"{RULE}-2"})}
        cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
        assert (is_allowed(cloud), is_allowed(cloud, f"{RULE}-2")) == (False, True)
