"""Facts that the relay publishes anew keep to the rate, though it takes forty at once."""

from collections.abc import Sequence
from typing import Any, cast

from cli.core.event_log_reader import Place
from cli.dlq.republication import Republication
from infrastructure.names import Names
from tests.now import NOW


class Told:
    """The event log and the relay of this test, and what became of what."""

    def __init__(self) -> None:
        self.happened: list[int] = []
        """Facts that were published at once; 0 for a pause."""

    def rows(self, places: Sequence[Place]) -> Sequence[Place]:
        return places

    def publish(self, rows: Sequence[Place]) -> None:
        self.happened.append(len(rows))

    def pause(self) -> None:
        self.happened.append(0)


def test_as_many_pauses_follow_as_facts_were_published_and_none_those_that_were_before() -> None:
    told = Told()
    fake = cast("Any", told)
    again = Republication(dynamodb=fake, names=Names("dev"), relay=fake, log=fake, pause=told.pause)
    places = [Place(NOW, f"orders#{number}", "creation", "OrderCreated") for number in range(85)]
    again.publish_places(places[:45])
    again.publish_places(places)
    assert told.happened == [40, *[0] * 40, 5, *[0] * 5, 40, *[0] * 40]
