"""Grants of an application's people, besides reading and repeating events, as data. No CDK."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGrant:
    """DynamoDB actions on one table of a service, as one statement of a policy."""

    sid: str
    """The purpose."""
    service: str
    table: str
    actions: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    """The only attributes that a request may name; none: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleGrants:
    """The grants of one application's observers and operators."""

    operates: str = "replays"
    """Completes the description of the operator's policy; a change of it would replace the policy."""
    observer_tables: tuple[TableGrant, ...] = ()
    operator_tables: tuple[TableGrant, ...] = ()
    operator_sources: tuple[str, ...] = ()
    """The outside producers in whose names an operator may put events on the ingress bus."""
    read_model: str | None = None
    """The service whose tables an operator may empty and rebuild from the event log."""
