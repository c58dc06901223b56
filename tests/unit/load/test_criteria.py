"""A load test passes only if everything was measured and every goal is met."""

from dataclasses import replace

import pytest

from load.criteria import Goals, Measured, judged
from load.journeys import OrderJourney

GOALS = Goals(within_seconds=10, relay_lag_seconds=1)
JOURNEYS = [
    OrderJourney("a", created_at=100, ended_at=102, final="ShipmentScheduled"),
    OrderJourney("b", created_at=100, ended_at=104, final="OrderCancelled"),
]
GOOD = Measured(published=2, accepted=2, late_seconds=0.1, journeys=JOURNEYS, relay_lag_ms=400)


def missed(measured: Measured) -> list[str]:
    return [each.name for each in judged(measured, GOALS).criteria if not each.is_passed]


def test_load_passes_when_every_order_ends_in_time() -> None:
    result = judged(GOOD, GOALS)
    assert result.is_passed
    assert result.ends == {"OrderCancelled": 1, "ShipmentScheduled": 1}
    assert result.percentiles == {"p50": 2, "p95": 4, "maximum": 4}


@pytest.mark.parametrize(
    ("measured", "name"),
    [
        (replace(GOOD, late_seconds=3), "the driver is late by"),
        (replace(GOOD, accepted=1), "events accepted"),
        (replace(GOOD, relay_lag_ms=1_001), "the relay lags by"),
        (replace(GOOD, relay_lag_ms=None), "the relay lags by"),
        (
            replace(GOOD, journeys=[JOURNEYS[0], replace(JOURNEYS[1], ended_at=111)]),
            "orders ended within 10 s",
        ),
        (
            replace(GOOD, journeys=[JOURNEYS[0], replace(JOURNEYS[1], ended_at=None, final="")]),
            "orders ended within 10 s",
        ),
    ],
)
def test_load_misses_one_criterion_when_one_figure_is_bad(measured: Measured, name: str) -> None:
    assert missed(measured) == [name]


def test_order_that_was_never_created_misses_both_counts() -> None:
    lost = replace(GOOD, journeys=[JOURNEYS[0], OrderJourney("b")])
    assert missed(lost) == ["orders created", "orders ended within 10 s"]


def test_load_has_no_percentiles_when_no_order_ended() -> None:
    assert judged(replace(GOOD, journeys=[]), GOALS).percentiles == {}
