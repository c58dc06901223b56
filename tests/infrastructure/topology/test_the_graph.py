"""One walk over the synthesized templates checks every hop."""

from collections.abc import Callable, Iterator

import pytest

from tests.infrastructure.graph import Graph
from tests.infrastructure.topology import dead_letters, environment, frozen, grammar, security, shape
from tests.infrastructure.topology.hops import hops

Check = Callable[[Graph], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    dead_letters.undelivered_is_kept,
    dead_letters.carriers_may_deliver,
    dead_letters.carriers_may_dead_letter,
    dead_letters.dead_letters_ring,
    dead_letters.dead_letters_find_back,
    dead_letters.dead_letters_outlive_their_source,
    dead_letters.reactions_have_time,
    dead_letters.alarms_notify_someone,
    security.queues_are_encrypted,
    security.plain_http_is_refused,
    security.nobody_is_everybody,
    security.services_act_for_a_known_source,
    security.policies_fit,
    grammar.event_patterns_can_match,
    grammar.filters_can_match,
    grammar.schemas_are_schemas,
    grammar.keys_are_attributes,
    grammar.batches_are_taken,
    grammar.streams_do_not_stop,
    shape.queues_have_their_shape,
    shape.subscriptions_have_their_shape,
    shape.mappings_have_their_shape,
    shape.topics_and_buses_have_their_shape,
    shape.rules_have_their_shape,
    shape.tables_have_their_shape,
    environment.functions_know_their_queues,
    environment.functions_know_tables_that_exist,
    environment.functions_have_their_properties,
    frozen.data_stays_where_it_is,
)


@pytest.mark.parametrize("stage", ["dev", "watched", "prod", "shared", "stripe"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_graph_has_no_faults(check: Check, stage: str, request: pytest.FixtureRequest) -> None:
    graph: Graph = request.getfixturevalue(stage)
    assert list(check(graph)) == []


def test_walk_takes_every_path(shared: Graph) -> None:
    ways = {hop.way for hop in hops(shared)}
    assert ways == {"rule", "subscription", "queue mapping", "stream mapping"}


def test_the_walk_sees_each_rule_subscription_and_mapping(dev: Graph) -> None:
    carriers = [
        each
        for kind in ("SNS::Subscription", "Lambda::EventSourceMapping", "Events::Rule")
        for each in dev.of(kind)
        if "ScheduleExpression" not in each.properties
    ]
    assert len(hops(dev)) == len(carriers)
