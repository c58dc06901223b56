"""The boto3 resource API in functions."""

from small_world import World

from pocketcloud import OfflineCloud

USING_A_TABLE = """
    import boto3
    from boto3.dynamodb.conditions import Attr, Key
    def handle(event, context):
        table = boto3.resource("dynamodb").Table("log")
        table.put_item(Item={"pk": "a", "count": 1}, ConditionExpression=Attr("pk").not_exists())
        table.update_item(
            Key={"pk": "a"}, UpdateExpression="ADD #c :n", ExpressionAttributeNames={"#c": "count"},
            ExpressionAttributeValues={":n": 2},
        )
        with table.batch_writer() as batch:
            batch.put_item(Item={"pk": "b"})
        found = table.query(KeyConditionExpression=Key("pk").eq("a"))["Items"]
        return [int(item["count"]) for item in found] + [table.scan()["Count"]]
"""


def test_table_resource_reads_and_writes_in_a_function(cloud: OfflineCloud, world: World) -> None:
    world.table(stream=False)
    world.function("f", USING_A_TABLE)
    assert cloud.invoke("f", {}).payload == [3, 2]


def test_table_resource_is_denied_without_permission(cloud: OfflineCloud, world: World) -> None:
    world.table(stream=False)
    world.function("f", USING_A_TABLE)
    cloud.client("iam").delete_role_policy(RoleName="any", PolicyName="everything")
    error = cloud.invoke("f", {}).error
    assert error is not None
    assert "dynamodb:PutItem on resource" in error.message


def test_middleware_sees_the_parameters_as_sent(cloud: OfflineCloud, world: World) -> None:
    world.table(stream=False)
    world.function("f", USING_A_TABLE)
    cloud.calls.keep = True
    cloud.invoke("f", {})
    assert cloud.calls.log[0].parameters["Item"] == {"pk": {"S": "a"}, "count": {"N": "1"}}
