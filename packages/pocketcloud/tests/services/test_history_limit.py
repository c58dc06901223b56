"""A limit bounds what a long run keeps; without one, everything is kept."""

import json
from uuid import UUID

import pytest
from moto.moto_api._internal import mock_random

from pocketcloud import Kind, OfflineCloud
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.sqs.receipt_handle import message_of, new_handle

LIMIT, EVENTS = 5, 40


@pytest.mark.parametrize(("limit", "kept"), [(LIMIT, range(LIMIT, 2 * LIMIT + 1)), (None, (2 * EVENTS,))])
def test_journal_keeps_the_latest_entries_when_limited(limit: int | None, kept: range | tuple[int]) -> None:
    with OfflineCloud(history_limit=limit) as cloud:
        url = cloud.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        for number in range(EVENTS):
            event = {"specversion": "1.0", "id": f"{number}", "type": "Sold", "subject": f"order-{number}"}
            cloud.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))
        cloud.client("sqs").purge_queue(QueueUrl=url)
        hops = cloud.journal.hops
        assert len(hops) in kept
        assert len(cloud.undelivered) in (range(LIMIT, 2 * LIMIT + 1) if limit else (EVENTS,))
        assert [hop.kind for hop in cloud.journal.of(f"order-{EVENTS - 1}")][-1] is Kind.DROPPED
        assert (cloud.journal.of("order-0") == []) is bool(limit)


def test_emails_and_log_lines_are_limited() -> None:
    with OfflineCloud(history_limit=LIMIT) as cloud:
        ses = cloud.client("sesv2")
        ses.create_email_identity(EmailIdentity="shop@example.com")
        for number in range(EVENTS):
            subject = {"Subject": {"Data": f"{number}"}, "Body": {"Text": {"Data": "Thank you"}}}
            ses.send_email(
                FromEmailAddress="shop@example.com",
                Destination={"ToAddresses": ["ada@example.com"]},
                Content={"Simple": subject},
            )
        cloud.settle()
        assert [mail.subject for mail in cloud.mails] == [str(number) for number in range(EVENTS)][-LIMIT:]
        assert cloud.services.runtime.logs["any"].limit == LIMIT


def test_identifiers_are_those_of_moto() -> None:
    with OfflineCloud():
        mock_random.seed(1)
        expected = [str(mock_random.uuid4()) for _ in range(20)]
        mock_random.seed(1)
        found = [new_identifier() for _ in range(20)]
        assert found == expected
        assert {UUID(each).version for each in found} == {4}
        assert [message_of(new_handle(each)) for each in found] == found
