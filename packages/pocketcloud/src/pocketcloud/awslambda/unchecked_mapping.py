"""An event source mapping of a source that moto does not know."""

from moto.awslambda.models import EventSourceMapping

DEFAULT_BATCH_SIZE = 100
"""Default of Kafka and Amazon MQ: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html."""


class UncheckedMapping(EventSourceMapping):
    """A mapping whose source and batch size are checked here: moto's setters raise for such a source."""

    @property
    def event_source_arn(self) -> str:
        """The ARN of the source."""
        return self._event_source_arn

    @event_source_arn.setter
    def event_source_arn(self, event_source_arn: str) -> None:
        self._event_source_arn = event_source_arn

    @property
    def batch_size(self) -> int:
        """The most records or messages of a batch."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, new_batch_size: int | None) -> None:
        self._batch_size = DEFAULT_BATCH_SIZE if new_batch_size is None else int(new_batch_size)
