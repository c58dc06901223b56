"""Chosen facts for an event hub of Azure, by an API destination and without a function."""

from aws_cdk import SecretValue
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import rule_arn
from infrastructure.bridge_settings import EventHubs
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_rule import EventRule, Pattern
from infrastructure.components.rule_role import rule_role
from infrastructure.names import EVENT_HUBS
from infrastructure.observability.alarms import API_DESTINATION_ALARMS
from infrastructure.observability.stage_alarms import add_alarms

COMPONENT = f"forward-{EVENT_HUBS}"
"""Its name in `orderbus dlq`."""
API_VERSION = "2014-01"
"""https://learn.microsoft.com/rest/api/eventhub/event-hubs-runtime-rest"""
SCOPE = "https://eventhubs.azure.net/.default"
"""https://learn.microsoft.com/azure/event-hubs/authenticate-application"""
MAXIMUM_AGE_SECONDS, MAXIMUM_RETRIES = 86_400, 185
"""EventBridge's maxima: a hub that is down for less than a day gets every event by itself."""
REQUEST = {
    "input_path": "$.detail",
    "http_parameters": events.CfnRule.HttpParametersProperty(
        path_parameter_values=["$.detail.subject"],
        query_string_parameters={"api-version": API_VERSION},
        header_parameters={"Content-Type": "application/cloudevents+json; charset=utf-8"},
    ),
    "retry_policy": events.CfnRule.RetryPolicyProperty(
        maximum_event_age_in_seconds=MAXIMUM_AGE_SECONDS, maximum_retry_attempts=MAXIMUM_RETRIES
    ),
}
"""The CloudEvents document, in structured mode, under the order's own publisher.

Event Hubs takes the publisher's name as partition key, so a hub keeps an order in one partition.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
https://learn.microsoft.com/azure/event-hubs/event-hubs-features#publisher-policy
"""


class EventHubBridge(Construct):
    """A rule on the event bus, and one on a bus of its own for redrives, with one dead-letter queue.

    Only a rule reaches an API destination, so a redrive needs a bus that has no other reader.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, bus: events.EventBus, hub: EventHubs
    ) -> None:
        super().__init__(scope, construct_id)
        names = stage.names
        self._stage, self._name = stage, names.forward_rule(EVENT_HUBS)
        redrive_bus = events.EventBus(self, "RedriveBus", event_bus_name=names.redrive_bus(COMPONENT))
        self._destination = self._make_destination(hub)
        self._role = self._make_role([bus.event_bus_name, redrive_bus.event_bus_name])
        self._dead_letter_queue = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=names.dead_letter_queue(COMPONENT)
        )
        owners = {stage.topology.fact(fact).owner for fact in hub.facts}
        pattern = {"source": sorted(owners), "detail-type": list(hub.facts)}
        self._add_rule("Rule", bus, {**pattern, "replay-name": [{"exists": False}]})
        self._add_rule("Redrive", redrive_bus, pattern)

    def _make_destination(self, hub: EventHubs) -> events.CfnApiDestination:
        connection = events.CfnConnection(
            self,
            "Connection",
            name=self._name,
            authorization_type="OAUTH_CLIENT_CREDENTIALS",
            auth_parameters=events.CfnConnection.AuthParametersProperty(o_auth_parameters=self._oauth(hub)),
        )
        return events.CfnApiDestination(
            self,
            "Destination",
            name=self._name,
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=f"{hub.hub_url}/publishers/*/messages",
            invocation_rate_limit_per_second=hub.events_per_second,
        )

    def _oauth(self, hub: EventHubs) -> events.CfnConnection.OAuthParametersProperty:
        secret = SecretValue.secrets_manager(self._stage.names.of(EVENT_HUBS), json_field="client_secret")
        return events.CfnConnection.OAuthParametersProperty(
            authorization_endpoint=hub.token_url,
            http_method="POST",
            client_parameters=events.CfnConnection.ClientParametersProperty(
                client_id=hub.client_id,
                # A reference that CloudFormation resolves: no template has the secret.
                client_secret=secret.unsafe_unwrap(),
            ),
            o_auth_http_parameters=events.CfnConnection.ConnectionHttpParametersProperty(
                body_parameters=[events.CfnConnection.ParameterProperty(key="scope", value=SCOPE)]
            ),
        )

    def _make_role(self, buses: list[str]) -> iam.Role:
        """Allow the two rules this destination alone."""
        names = (self._name, f"{self._name}-redrive")
        sources = [rule_arn(self, bus, name) for bus, name in zip(buses, names, strict=True)]
        allowed = iam.PolicyStatement(
            actions=["events:InvokeApiDestination"], resources=[self._destination.attr_arn]
        )
        return rule_role(self, rules=sources, allowed=allowed)

    def _add_rule(self, construct_id: str, bus: events.EventBus, pattern: Pattern) -> None:
        name = self._name if construct_id == "Rule" else f"{self._name}-redrive"
        rule = EventRule(
            self,
            construct_id,
            stage=self._stage,
            rule_name=name,
            description=f"Facts to {self._destination.invocation_endpoint}.",
            bus_name=bus.event_bus_name,
            pattern=pattern,
            target_arn=self._destination.attr_arn,
            role=self._role,
            request=REQUEST,
            dead_letter_queue=self._dead_letter_queue,
        )
        # The role's policy must exist first, or the first events would be dead-lettered.
        rule.node.add_dependency(self._role)
        dimensions = {"EventBusName": bus.event_bus_name, "RuleName": name}
        add_alarms(rule, API_DESTINATION_ALARMS, stage=self._stage, name=name, dimensions=dimensions)
