"""Input templates of pipes, and functions that enrich their batches.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

from pocketcloud.core.journal import Kind

PIPE = "arn:aws:pipes:eu-west-1:123456789012:pipe/p"
FUNCTION = arn("lambda", "function:f")


def pipe(world: World, target: str, **options: Any) -> None:
    """Create the queue `in`, and a pipe from it."""
    world.queue("in")
    world.pipe(arn("sqs", "in"), target, **options)


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("<$.body>", '{"id":7,"tags":["a","b"],"note":"it is \\"fine\\""}'),
        ("<$.body.id>", "7"),
        ("<$.body.tags>", '["a","b"]'),
        ('{"id": <$.body.id>, "kind": "order"}', '{"id":7,"kind":"order"}'),
        ('{"first": <$.body.tags[0]>, "second": <$.body.tags.1>}', '{"first":"a","second":"b"}'),
        ('{"note": <$.body.note>}', '{"note":"it is \\"fine\\""}'),
        ('{"note": "Note: <$.body.note>"}', '{"note":"Note: it is \\"fine\\""}'),
        ('{"none": <$.body.none>}', '{"none":""}'),
        ('"Order <$.body.id>, <$.body.tags>"', '"Order 7, [a,b]"'),
        ('{"of": <aws.pipes.source-arn>}', json.dumps({"of": arn("sqs", "in")}, separators=(",", ":"))),
        ('{"by": <aws.pipes.pipe-arn>, "name": <aws.pipes.pipe-name>}', f'{{"by":"{PIPE}","name":"p"}}'),
        ('{"constant": true}', '{"constant":true}'),
    ],
)
def test_queue_gets_the_filled_template(world: World, template: str, body: str) -> None:
    pipe(world, world.queue("out"), TargetParameters={"InputTemplate": template})
    world.send("in", json.dumps({"id": 7, "tags": ["a", "b"], "note": 'it is "fine"'}))
    world.cloud.settle()
    assert world.bodies("out") == [body]


def test_event_has_its_body_raw_or_decoded(world: World) -> None:
    template = '{"raw": <aws.pipes.event>, "json": <aws.pipes.event.json>}'
    pipe(world, world.queue("out"), TargetParameters={"InputTemplate": template})
    world.send("in", '{"id": 7}')
    world.cloud.settle()
    (sent,) = map(json.loads, world.bodies("out"))
    assert sent["raw"]["body"] == '{"id": 7}'
    assert sent["json"] == {**sent["raw"], "body": {"id": 7}}


def test_body_that_is_no_json_is_a_text(world: World) -> None:
    pipe(world, world.queue("out"), TargetParameters={"InputTemplate": '{"text": <$.body>}'})
    world.send("in", "hello")
    world.cloud.settle()
    assert world.bodies("out") == ['{"text":"hello"}']


def test_template_sees_the_decoded_data_of_a_stream(world: World) -> None:
    kinesis = world.cloud.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    stream = kinesis.describe_stream(StreamName="s")["StreamDescription"]["StreamARN"]
    world.pipe(
        stream,
        world.queue("out"),
        SourceParameters={"KinesisStreamParameters": {"StartingPosition": "TRIM_HORIZON"}},
        TargetParameters={"InputTemplate": "<$.data.id>"},
    )
    kinesis.put_record(StreamName="s", PartitionKey="a", Data=b'{"id": 7}')
    world.cloud.settle()
    assert world.bodies("out") == ["7"]


def test_message_is_retried_when_its_template_is_no_json(world: World) -> None:
    pipe(world, world.queue("out"), TargetParameters={"InputTemplate": '{"a": "<$.body.a>"}'})
    world.send("in", '{"a": {"b": 1}}')
    world.cloud.advance(seconds=1)
    assert world.bodies("out") == []
    (failure,) = world.hops(Kind.FAILED)
    assert "is not JSON" in str(failure.reason)


@pytest.mark.parametrize(
    ("template", "reason"),
    [("<aws.pipes.nothing>", "unknown variable: aws.pipes.nothing"), ("<$.body..a>", "invalid path")],
)
def test_template_that_no_record_can_fill_is_rejected(world: World, template: str, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        pipe(world, world.queue("out"), TargetParameters={"InputTemplate": template})


def enriching(response: str) -> str:
    """Return a function that responds with this expression of its event, `records`."""
    return f"""
        import json
        def handle(records, context):
            print(json.dumps(records))
            return {response}
    """


def test_target_gets_what_the_function_responds(world: World) -> None:
    world.function("f", enriching('[{"id": each["id"], "price": 10 * each["id"]} for each in records]'))
    pipe(
        world,
        world.queue("out"),
        Enrichment=FUNCTION,
        EnrichmentParameters={"InputTemplate": '{"id": <$.body.id>}'},
        TargetParameters={"InputTemplate": '{"sku": <$.id>, "price": <$.price>}'},
    )
    world.send("in", '{"id": 1}', '{"id": 2}')
    world.cloud.settle()
    assert sorted(world.bodies("out")) == ['{"sku":1,"price":10}', '{"sku":2,"price":20}']
    assert world.bodies("in") == []


@pytest.mark.parametrize("response", ["[]", "{}", '""'])
def test_empty_response_sends_nothing(world: World, response: str) -> None:
    world.function("f", enriching(response))
    pipe(world, world.queue("out"), Enrichment=FUNCTION)
    world.send("in", "a")
    world.cloud.settle()
    assert (world.bodies("out"), world.bodies("in")) == ([], [])


def test_list_of_an_empty_document_is_sent(world: World) -> None:
    world.function("f", enriching("[{}]"))
    pipe(world, world.queue("out"), Enrichment=FUNCTION)
    world.send("in", "a", "b")
    world.cloud.settle()
    assert world.bodies("out") == ["{}"]


def test_function_as_target_gets_the_response_as_it_is(world: World) -> None:
    world.function("f", enriching('{"count": len(records)}'))
    target = world.function("g", enriching("None"))
    pipe(world, target, Enrichment=FUNCTION)
    world.send("in", "a")
    world.cloud.settle()
    assert '{"count": 1}' in "".join(map(str, world.cloud.logs("g")))


@pytest.mark.parametrize(
    ("code", "actions", "reason"),
    [
        (enriching("1 / 0"), "*", "ZeroDivisionError"),
        (enriching("records"), ["sqs:*"], "lambda:InvokeFunction"),
    ],
)
def test_messages_stay_when_the_enrichment_fails(
    world: World, code: str, actions: str | list[str], reason: str
) -> None:
    world.function("f", code)
    pipe(world, world.queue("out"), Enrichment=FUNCTION, actions=actions)
    world.send("in", "a")
    world.cloud.advance(seconds=1)
    assert world.bodies("out") == []
    (failure,) = world.hops(Kind.FAILED)
    assert reason in str(failure.reason)


def test_batch_is_retried_whole_when_the_target_refuses_part(world: World) -> None:
    world.function("f", enriching('[{"text": "x" * 1_100_000}, {"text": "small"}]'))
    pipe(world, world.queue("out"), Enrichment=FUNCTION)
    world.send("in", "a", "b")
    world.cloud.advance(seconds=1)
    assert len(world.hops(Kind.FAILED)) == 2
