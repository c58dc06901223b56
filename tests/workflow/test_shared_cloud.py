"""The files of tests share one deployment; none sees what another changed."""

from tests.shared_cloud import SharedCloud
from tests.workflow.shop import PREFIX, Shop


def test_shared_cloud_stays_deployed_when_only_data_was_written(shared_cloud: SharedCloud) -> None:
    cloud = shared_cloud.opened()
    began = cloud.clock.now()
    cloud.client("dynamodb").put_item(TableName=f"{PREFIX}-contacts", Item={"order_id": {"S": "1"}})
    cloud.advance(minutes=5)
    again = shared_cloud.opened()
    assert again is cloud
    assert (again.clock.now(), again.deliveries, Shop(cloud).rows("contacts")) == (began, [], [])


def test_shared_cloud_is_redeployed_when_a_test_changed_it(shared_cloud: SharedCloud) -> None:
    changed = shared_cloud.opened()
    changed.client("sqs").create_queue(QueueName="left-behind")
    again = shared_cloud.opened()
    queues = again.client("sqs").list_queues(QueueNamePrefix="left-behind")
    assert again is not changed
    assert "QueueUrls" not in queues
