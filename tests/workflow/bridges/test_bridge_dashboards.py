"""The dashboards of bridges: every series of one is measured once its bridge has sent and taken in."""

from tests.workflow.bridges.dashboard_series import measured, series
from tests.workflow.bridges.linked_shop import LinkedShop
from tests.workflow.bridges.pushes import message_of, push
from tests.workflow.shop import delivery_entry


def test_bridges_have_dashboards_whose_series_are_measured(linked: LinkedShop) -> None:
    linked.order()
    assert push(linked.cloud, message_of(delivery_entry("delivery-1", TEAPOT=1))).status == 204
    linked.cloud.advance(minutes=5)
    for dashboard in ("pubsub", "event-hubs"):
        shown = series(linked.cloud, dashboard)
        assert shown
        assert shown <= measured(linked.cloud)
