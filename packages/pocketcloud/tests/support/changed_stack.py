"""Resources of a small stack that tests change, and what the account shows of them."""

from typing import Any

from small_world import trust

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.stack_records import OPERATIONS

Resources = dict[str, Any]


def queue(**properties: Any) -> Resources:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def table(key: str = "pk", **more: Any) -> Resources:
    properties = {
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    policies: Resources = {
        name: more.pop(name) for name in ("DeletionPolicy", "UpdateReplacePolicy") if name in more
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": {**properties, **more}, **policies}


def parameter(value: Any) -> Resources:
    properties = {"Name": "table", "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


def function(**properties: Any) -> Resources:
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")},
    }
    settings = {
        "Code": {"ZipFile": "def handle(event, context):\n    return 1\n"},
        "Handler": "index.handle",
        "Runtime": "python3.13",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "FunctionName": "f",
    }
    return {"Role": role, "F": {"Type": "AWS::Lambda::Function", "Properties": {**settings, **properties}}}


def only_table(cloud: OfflineCloud) -> str:
    (name,) = cloud.client("dynamodb").list_tables()["TableNames"]
    return str(name)


def rows(cloud: OfflineCloud, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("dynamodb").scan(TableName=name)["Items"]
    return found


def put(cloud: OfflineCloud, name: str, key: str = "pk") -> None:
    cloud.client("dynamodb").put_item(TableName=name, Item={key: {"S": "a"}})


def show(cloud: OfflineCloud, operation: str, **parameters: str) -> Any:
    return OPERATIONS[operation](cloud.stacks, parameters)
