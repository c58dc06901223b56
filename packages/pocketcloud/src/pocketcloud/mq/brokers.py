"""The queues of RabbitMQ brokers outside the assembly; a mapping names a broker by its ARN."""

from pocketcloud.mq.broker_queue import BrokerQueue, QuorumQueue

VIRTUAL_HOST = "/"


class Brokers:
    """Queues by the broker's ARN, the virtual host and the name; each is in memory unless one is attached."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str, str], BrokerQueue] = {}

    def queue(self, broker_arn: str, name: str, virtual_host: str = VIRTUAL_HOST) -> BrokerQueue:
        """Return the queue; make one in memory at its first use."""
        return self._queues.setdefault((broker_arn, virtual_host, name), QuorumQueue())

    def attach(
        self, broker_arn: str, name: str, queue: BrokerQueue, virtual_host: str = VIRTUAL_HOST
    ) -> None:
        """Let mappings read this queue, such as one of a real broker on this machine."""
        self._queues[broker_arn, virtual_host, name] = queue

    def clear(self) -> None:
        """Delete the messages of every queue."""
        for queue in self._queues.values():
            queue.clear()
