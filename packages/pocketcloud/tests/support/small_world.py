"""Helpers to create resources through boto3."""

import io
import json
import textwrap
import zipfile
from dataclasses import dataclass
from typing import Any

from pocketcloud import Hop, Kind, OfflineCloud

ACCOUNT = "arn:aws:{service}:eu-west-1:123456789012:{name}"
COUNTING = """
    import json
    def handle(event, context):
        print(json.dumps([record.get("body") or record["dynamodb"]["Keys"] for record in event["Records"]]))
"""
ALLOWED_SERVICES = [
    f"{name}.amazonaws.com" for name in ("cloudwatch", "events", "lambda", "scheduler", "sns", "states")
]
FAILING = """
    def handle(event, context):
        raise RuntimeError("no")
"""


def arn(service: str, name: str) -> str:
    return ACCOUNT.format(service=service, name=name)


def cloud_event(event_type: str = "OrderCreated", subject: str = "o1", **data: Any) -> dict[str, Any]:
    event_id = f"id-{event_type}-{subject}"
    return {"specversion": "1.0", "id": event_id, "type": event_type, "subject": subject, "data": data}


def entry(
    bus: str = "default", source: str = "orders", kind: str = "OrderCreated", **more: Any
) -> dict[str, Any]:
    detail = json.dumps(cloud_event(kind, **more))
    return {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": detail}


def policy(**more: Any) -> str:
    """Return a policy that allows everything; permissions have their own tests."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str | list[str]) -> dict[str, Any]:
    """Return the trust policy of a role that these services may assume."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def zip_files(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


PIPE_ROLE = "arn:aws:iam::123456789012:role/pipe"


@dataclass(frozen=True)
class World:
    """Creates resources by name and reads their state."""

    cloud: OfflineCloud

    def queue(
        self, name: str, *, dead_letters: str | None = None, receives: int = 3, **attributes: Any
    ) -> str:
        if dead_letters is not None:
            target = arn("sqs", dead_letters)
            attributes["RedrivePolicy"] = json.dumps(
                {"deadLetterTargetArn": target, "maxReceiveCount": receives}
            )
        admitting = policy(Principal={"Service": ALLOWED_SERVICES})
        settings = {
            "VisibilityTimeout": "60",
            "Policy": admitting,
            **{key: str(value) for key, value in attributes.items()},
        }
        self.cloud.client("sqs").create_queue(QueueName=name, Attributes=settings)
        return arn("sqs", name)

    def send(self, name: str, *bodies: str) -> None:
        for body in bodies:
            self.cloud.client("sqs").send_message(QueueUrl=self.url(name), MessageBody=body)

    def url(self, name: str) -> str:
        return str(self.cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def messages(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            more = self.cloud.client("sqs").receive_message(
                QueueUrl=self.url(name),
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
                WaitTimeSeconds=20,
            )
            if "Messages" not in more:
                return found
            found += more["Messages"]

    def bodies(self, name: str) -> list[str]:
        return [message["Body"] for message in self.messages(name)]

    def function(self, name: str, source: str = COUNTING, *, timeout: int = 30, **settings: Any) -> str:
        code = zip_files({"handler.py": textwrap.dedent(source)})
        created = self.cloud.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role(),
            Handler="handler.handle",
            Code={"ZipFile": code},
            Timeout=timeout,
            **settings,
        )
        return str(created["FunctionArn"])

    def role(self) -> str:
        iam = self.cloud.client("iam")
        roles = {role["RoleName"]: role["Arn"] for role in iam.list_roles()["Roles"]}
        if "any" not in roles:
            document = json.dumps(trust(ALLOWED_SERVICES))
            iam.create_role(RoleName="any", AssumeRolePolicyDocument=document)
            iam.put_role_policy(RoleName="any", PolicyName="everything", PolicyDocument=policy())
        return arn("iam", "role/any").replace("eu-west-1", "")

    def mapping(self, source: str, function: str, **options: Any) -> str:
        made = self.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=source, FunctionName=function, **options
        )
        return str(made["UUID"])

    def reacting(self, name: str, source: str = COUNTING, **options: Any) -> None:
        """Create a queue with a dead-letter queue, and a function mapped to it."""
        self.queue(f"{name}-dlq")
        self.queue(name, dead_letters=f"{name}-dlq")
        self.function(name, source)
        self.mapping(arn("sqs", name), name, **options)

    def bus(self, name: str) -> str:
        return str(self.cloud.client("events").create_event_bus(Name=name)["EventBusArn"])

    def pipe(self, source: str, target: str, *, actions: str | list[str] = "*", **options: Any) -> None:
        """Create the pipe `p` with a role that allows these actions."""
        iam = self.cloud.client("iam")
        iam.create_role(RoleName="pipe", AssumeRolePolicyDocument=json.dumps(trust("pipes.amazonaws.com")))
        iam.put_role_policy(RoleName="pipe", PolicyName="p", PolicyDocument=policy(Action=actions))
        self.cloud.client("pipes").create_pipe(
            Name="p", Source=source, Target=target, RoleArn=PIPE_ROLE, **options
        )

    def rule(
        self, name: str, pattern: dict[str, Any], *targets: dict[str, Any], bus: str = "default"
    ) -> None:
        events = self.cloud.client("events")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
        numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        if numbered:
            events.put_targets(Rule=name, EventBusName=bus, Targets=numbered)
        for target in numbered:
            if ":lambda:" in target["Arn"]:
                self.permit(target["Arn"].partition(":function:")[2], by=name)

    def permit(self, function: str, *, by: str) -> None:
        """Allow EventBridge to invoke the function, or `name:alias`."""
        name, _, qualifier = function.partition(":")
        self.cloud.client("lambda").add_permission(
            FunctionName=name,
            StatementId=by,
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            **({"Qualifier": qualifier} if qualifier else {}),
        )

    def topic(self, name: str) -> str:
        attributes = {"Policy": policy(Principal={"Service": ALLOWED_SERVICES})}
        return str(self.cloud.client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"])

    def subscribe(self, topic: str, queue: str, *, raw: bool = True, **attributes: str) -> str:
        made = self.cloud.client("sns").subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue,
            Attributes={"RawMessageDelivery": str(raw).lower(), **attributes},
            ReturnSubscriptionArn=True,
        )
        return str(made["SubscriptionArn"])

    def table(self, name: str = "log", *, stream: bool = True) -> str:
        specification = {"StreamEnabled": stream, "StreamViewType": "NEW_IMAGE"}
        made = self.cloud.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"StreamSpecification": specification} if stream else {}),
        )
        return str(made["TableDescription"].get("LatestStreamArn", ""))

    def put(self, *keys: str, table: str = "log") -> None:
        for key in keys:
            event = json.dumps(cloud_event(subject=key))
            item = {"pk": {"S": key}, "event": {"S": event}}
            self.cloud.client("dynamodb").put_item(TableName=table, Item=item)

    def batches(self, function: str) -> list[list[Any]]:
        """Return the batches that a counting function received."""
        lines = self.cloud.logs(function)
        printed = [json.loads(line) for line in lines if not line.startswith("[ERROR]")]
        return [batch for batch in printed if isinstance(batch, list)]

    def hops(self, kind: Kind) -> list[Hop]:
        return [hop for hop in self.cloud.journal.hops if hop.kind is kind]
