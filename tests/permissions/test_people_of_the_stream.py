"""People at a stage with the ordered stream: what its commands do is granted to them."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with_stream
from tests.permissions.people import DEV, POLICIES, Person, person
from tests.permissions.test_people import OF_THE_STREAM
from tests.workflow.shop import Shop, an_order


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The stage `dev` with the stream, after an order."""
    with OfflineCloud.start(assembly=dev_with_stream(tmp_path_factory)) as cloud:
        shop = Shop(cloud)
        shop.open()
        shop.place(an_order())
        cloud.settle()
        with pytest.MonkeyPatch.context() as patched:
            # A shard allows five reads a second; time is virtual.
            patched.setattr("cli.stream.commands.sleep", lambda seconds: cloud.advance(seconds=seconds))
            yield shop


def denials_of_people(cloud: OfflineCloud) -> list[object]:
    return [denial for denial in cloud.access.denials if ":role/an-" in denial.principal.name]


def look(person: Person) -> None:
    for command in ("ls", "read", "lag"):
        assert person.types("stream", command)
    assert person.types("analytics")
    person.types("stream", "fill", "--since", "1h")
    person.types("stream", "delete-view", "first")


def test_observer_runs_every_command_of_the_stream(shop: Shop) -> None:
    observer = person(shop.cloud, "an-observer", *DEV.observer_policies)
    look(observer)
    assert observer.typed == OF_THE_STREAM - {"stream replay"}
    assert denials_of_people(shop.cloud) == []


def test_operator_replays_the_stream_into_a_view(shop: Shop) -> None:
    operator = person(shop.cloud, "an-operator", *POLICIES)
    shop.cloud.advance(seconds=2)
    assert operator.types("stream", "replay", "v2", "--swap")["shown"]
    assert operator.types("stream", "delete-view", "first", "--yes")["deleted"] > 0
    assert denials_of_people(shop.cloud) == []
