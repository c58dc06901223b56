"""Figures as people read them: by family, with quantiles of the time from order to shipment."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from functions.analytics.figures import (
    CANCELLED,
    EVENT,
    ORDERS,
    RESTATED,
    REVENUE,
    SHIPPED_AFTER,
    UNITS,
    Figures,
)
from functions.analytics.figures_reader import MinuteFigures
from functions.analytics.histogram import quantile


class ShippingTimes(Struct, frozen=True, kw_only=True):
    """Quantiles of the seconds from an order to its shipment; null without a shipment."""

    p50: float | None
    p95: float | None


class FigureReport(Struct, frozen=True, kw_only=True):
    """The figures of a minute or of several."""

    orders: int
    revenue_minor: dict[str, int]
    """By currency, in minor units."""
    units: dict[str, int]
    """By SKU."""
    cancelled: dict[str, int]
    """By reason."""
    events: dict[str, int]
    """The number of each event."""
    shipped_after_seconds: ShippingTimes
    restated: int
    """Events that came after their minute was complete."""


class MinuteReport(FigureReport, frozen=True, kw_only=True):
    """The figures of one minute of event time, in UTC: `2026-11-28T21:05`."""

    minute: str


def report_of(figures: Figures) -> FigureReport:
    """Return the figures by family."""
    return FigureReport(**_parts(figures))


def minute_reports(minutes: Iterable[MinuteFigures]) -> tuple[MinuteReport, ...]:
    """Return the figures of each minute by family."""
    return tuple(MinuteReport(minute=each.minute, **_parts(each.figures)) for each in minutes)


def _parts(figures: Figures) -> dict[str, Any]:
    durations = {int(bucket): count for bucket, count in _family(figures, SHIPPED_AFTER).items()}
    return {
        "orders": figures[ORDERS],
        "revenue_minor": _family(figures, REVENUE),
        "units": _family(figures, UNITS),
        "cancelled": _family(figures, CANCELLED),
        "events": _family(figures, EVENT),
        "shipped_after_seconds": ShippingTimes(p50=_seconds(durations, 0.5), p95=_seconds(durations, 0.95)),
        "restated": figures[RESTATED],
    }


def _seconds(durations: dict[int, int], share: float) -> float | None:
    value = quantile(durations, share)
    return None if value is None else round(value.total_seconds(), 3)


def _family(figures: Figures, family: str) -> dict[str, int]:
    prefix = f"{family}."
    found = {name.removeprefix(prefix): value for name, value in figures.items() if name.startswith(prefix)}
    return dict(sorted(found.items()))
