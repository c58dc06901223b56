"""Republished facts keep to the rate, although the relay gets forty per request."""

from collections.abc import Sequence
from typing import Any, cast

from cli.core.event_log_reader import Place
from cli.dlq.republication import Republication
from infrastructure.names import Names
from tests.now import NOW


class Recorder:
    """A fake event log and relay; records publications and pauses."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        """The number of facts per publication; 0 for a pause."""

    def rows(self, places: Sequence[Place]) -> Sequence[Place]:
        return places

    def publish(self, rows: Sequence[Place]) -> None:
        self.calls.append(len(rows))

    def pause(self) -> None:
        self.calls.append(0)


def test_republication_pauses_once_per_newly_published_fact() -> None:
    recorder = Recorder()
    fake = cast("Any", recorder)
    republication = Republication(
        dynamodb=fake, names=Names("dev"), relay=fake, log=fake, pause=recorder.pause
    )
    places = [Place(NOW, f"orders#{number}", "creation", "OrderCreated") for number in range(85)]
    republication.publish_places(places[:45])
    republication.publish_places(places)
    assert recorder.calls == [40, *[0] * 40, 5, *[0] * 5, 40, *[0] * 40]
