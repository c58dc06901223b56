"""One service of the map: its tables, its consumer, its API function."""

import json
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from constructs import Construct

from infrastructure import topology
from infrastructure.arns import identities_arn, table_arn
from infrastructure.components.dependencies import Dependencies
from infrastructure.components.event_log import append_own_facts, check_facts, read_whole_log
from infrastructure.components.minute_schedule import MinuteSchedule
from infrastructure.components.overdue_alarm import OverdueAlarm
from infrastructure.components.payment_secret import PaymentSecret
from infrastructure.components.queue_consumer import QueueConsumer
from infrastructure.components.reconciliation_alarms import (
    DeclinedAlarm,
    ReconciliationAlarms,
    UnexpectedMoneyAlarms,
)
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.service_table import ServiceTable
from infrastructure.components.table_listener import TableListener, having
from infrastructure.components.unavailable_alarm import UnavailableAlarm
from infrastructure.names import table_variable
from infrastructure.services import Api, Deadlines, Levels, Reconciliation, Service, Webhooks
from infrastructure.stage import Stage
from infrastructure.tables import Table, Uses

API_TIMEOUT = 10
"""Seconds; API Gateway gives up after thirty, and a customer long before."""
API_MEMORY = 512
"""Megabytes, and with them processor: somebody waits for the answer."""
STRIPE_URL = "https://api.stripe.com"
WEBHOOKS_TIMEOUT = 25
"""Seconds; a refund may be asked for on the way, and API Gateway gives up after thirty."""
MINUTE_TIMEOUT = 50
"""Seconds; it ends before it is started again."""
MINUTE_MEMORY = 256
"""Megabytes."""
LEVELS_TIMEOUT = 30
"""Seconds, for a hundred changes."""
LEVELS_MEMORY = 256
"""Megabytes."""


class ServiceStack(Stack):
    """Everything of one service, and nothing of another: it can be deployed alone."""

    def __init__(self, scope: Construct, *, stage: Stage, service: Service) -> None:
        super().__init__(
            scope,
            stage.names.stack(service.name),
            description=f"Orderbus: the {service.name} service.",
            tags=stage.tags,
        )
        self._stage, self._service = stage, service
        self._layer = Dependencies(self, "Dependencies").layer
        self._tables = [table for table in service.tables if table.only_with in {None, stage.gateway}]
        self._payment_secret = self._make_payment_secret()
        tables = {table.name: self._add_table(table) for table in self._tables}
        self._add_consumer()
        if service.api:
            self._add_api(service.api)
        if service.deadlines:
            self._add_deadlines(service.deadlines)
        if service.reconciliation:
            self._add_reconciliation(service.reconciliation)
        if webhooks := service.webhooks_with(stage.gateway):
            self._add_webhooks(webhooks)
        if service.levels:
            self._add_levels(service.levels, tables[service.levels.table])

    def _add_table(self, table: Table) -> dynamodb.Table:
        name = self._stage.names.table(self._service.name, table.name)
        construct_id = f"{table.name.title()}Table"
        return ServiceTable(self, construct_id, stage=self._stage, table_name=name, table=table).table

    def _add_consumer(self) -> None:
        stage, service = self._stage, self._service
        environment = self._environment(service.consumer.uses)
        if service.sends_mail:
            environment["SENDER_ADDRESS"] = stage.sender_address
        consumer = QueueConsumer(
            self, "Consumer", stage=stage, service=service, layer=self._layer, environment=environment
        )
        self._grant(consumer.function, service.consumer.uses)
        if service.sends_mail:
            self._let_send_mail(consumer.function)
        self._connect(consumer)

    def _connect(self, consumer: QueueConsumer) -> None:
        stage, service = self._stage, self._service
        facts = [topology.fact(name) for name in service.consumer.reacts_to]
        for fact in facts:
            if topology.from_outside(fact):
                consumer.receive(
                    fact.name,
                    rule_name=stage.names.ingress_rule(service.name, fact.name),
                    description=f"{fact.name} from {fact.owner} to the {service.name} service.",
                    bus_name=stage.names.ingress_bus,
                    pattern={"source": [fact.owner], "detail-type": [fact.name]},
                )
            else:
                consumer.subscribe(fact.name, stage=stage)
        consumer.receive(
            "Replay",
            rule_name=stage.names.replay_rule(service.name),
            description=f"Replays to the {service.name} service alone, which is how their names begin.",
            bus_name=stage.names.order_bus,
            pattern={
                "replay-name": [{"prefix": stage.names.replays(service.name)}],
                "detail-type": [fact.name for fact in facts if not topology.from_outside(fact)],
            },
        )

    def _add_api(self, api: Api) -> None:
        stage, service = self._stage, self._service
        function = ServiceFunction(
            self,
            "Api",
            stage=stage,
            function_name=stage.names.api_function(service.name),
            service=service.name,
            module="api",
            timeout=API_TIMEOUT,
            memory=API_MEMORY,
            layer=self._layer,
            environment=self._environment(api.uses),
        )
        unavailable = UnavailableAlarm(self, "Unavailable", stage=stage, service=service.name)
        function.shift_traffic(unavailable.alarm)
        self._grant(function, api.uses)
        if api.reads_whole_log:
            function.role.add_to_policy(read_whole_log(self, stage=stage))

    def _add_deadlines(self, deadlines: Deadlines) -> None:
        self._add_minute(
            "Deadlines",
            name=self._stage.names.deadlines_function(self._service.name),
            uses=deadlines.uses,
            environment={"ORDER_TIMEOUT_MINUTES": str(self._stage.order_timeout_minutes)},
            purpose="ends what has been open for too long",
        )
        OverdueAlarm(self, "Overdue", stage=self._stage, service=self._service.name)

    def _add_reconciliation(self, reconciliation: Reconciliation) -> None:
        name = self._stage.names.reconciliation_function(self._service.name)
        self._add_minute(
            "Reconciliation",
            name=name,
            uses=reconciliation.uses,
            environment={},
            purpose="finds out what became of payments of unknown outcome",
        )
        ReconciliationAlarms(self, "Unknown", stage=self._stage, function_name=name)
        DeclinedAlarm(self, "Declined", stage=self._stage)

    def _add_minute(
        self,
        construct_id: str,
        *,
        name: str,
        uses: Uses,
        environment: Mapping[str, str],
        purpose: str,
    ) -> None:
        """The function of that module, started by the clock: too seldom for a canary to tell anything."""
        stage, service = self._stage, self._service
        function = ServiceFunction(
            self,
            construct_id,
            stage=stage,
            function_name=name,
            service=service.name,
            module=construct_id.lower(),
            timeout=MINUTE_TIMEOUT,
            memory=MINUTE_MEMORY,
            layer=self._layer,
            environment={**self._environment(uses), **environment},
        )
        self._grant(function, uses)
        MinuteSchedule(
            self,
            "Minute",
            stage=stage,
            rule_name=name,
            description=f"Starts {name}, which {purpose}.",
            function=function,
        )

    def _add_levels(self, levels: Levels, table: dynamodb.Table) -> None:
        stage, service = self._stage, self._service
        name = stage.names.levels_function(service.name)
        function = ServiceFunction(
            self,
            "Levels",
            stage=stage,
            function_name=name,
            service=service.name,
            module="levels",
            timeout=LEVELS_TIMEOUT,
            memory=LEVELS_MEMORY,
            layer=self._layer,
            environment=self._environment(levels.uses),
        )
        self._grant(function, levels.uses)
        TableListener(
            self,
            "LevelsListener",
            stage=stage,
            name=name,
            function=function,
            table=table,
            filters=[having(name, kind) for name, kind in levels.attributes.items()],
        )

    def _add_webhooks(self, webhooks: Webhooks) -> None:
        stage, service = self._stage, self._service
        function = ServiceFunction(
            self,
            "Webhooks",
            stage=stage,
            function_name=stage.names.webhooks_function(service.name),
            service=service.name,
            module="webhooks",
            timeout=WEBHOOKS_TIMEOUT,
            memory=MINUTE_MEMORY,
            layer=self._layer,
            environment=self._environment(webhooks.uses),
        )
        function.shift_traffic()
        self._grant(function, webhooks.uses)
        UnexpectedMoneyAlarms(self, "Unexpected", stage=stage, service=service.name)

    def _environment(self, uses: Uses) -> dict[str, str]:
        names, service = self._stage.names, self._service
        tables = {
            table_variable(table): names.table(service.name, table)
            for table in self._present(uses)
            if "/" not in table
        }
        log = {"EVENT_LOG_TABLE": names.event_log} if topology.states_facts(service) else {}
        hot = {"HOT_SKUS": json.dumps(self._stage.hot_skus)} if service.knows_hot_skus else {}
        return {**log, **tables, **hot, **(self._gateway() if service.moves_money else {})}

    def _grant(self, function: ServiceFunction, uses: Uses) -> None:
        service = self._service
        if topology.states_facts(service):
            function.role.add_to_policy(append_own_facts(self, stage=self._stage, owner=service.name))
        for owner in service.excludes:
            function.role.add_to_policy(check_facts(self, stage=self._stage, owner=owner))
        if self._payment_secret:
            function.allow(self._payment_secret.ref, "secretsmanager:GetSecretValue")
        for used, actions in self._present(uses).items():
            table, *index = used.split("/", 1)
            name = "/".join((self._stage.names.table(service.name, table), *index))
            function.allow(table_arn(self, name), *(f"dynamodb:{action}" for action in actions))

    def _present(self, uses: Uses) -> Uses:
        """Those of the tables that this stage has."""
        tables = {table.name for table in self._tables}
        return {used: actions for used, actions in uses.items() if used.partition("/")[0] in tables}

    def _make_payment_secret(self) -> secretsmanager.CfnSecret | None:
        stage = self._stage
        if not self._service.moves_money or stage.gateway == "simulated":
            return None
        return PaymentSecret(self, "PaymentGateway", stage=stage).secret

    def _gateway(self) -> dict[str, str]:
        chosen: dict[str, str] = {"PAYMENT_GATEWAY": self._stage.gateway}
        if self._payment_secret is None:
            return chosen
        url = self._stage.gateway_url or STRIPE_URL
        return {**chosen, "PAYMENT_SECRET": self._payment_secret.ref, "STRIPE_URL": url}

    def _let_send_mail(self, function: ServiceFunction) -> None:
        sender = self._stage.sender_address
        if self._stage.sender_identity == "create":
            ses.EmailIdentity(self, "Sender", identity=ses.Identity.email(sender))
        # On every identity: in the SES sandbox a recipient is a verified one too, and is asked about as well.
        # https://github.com/cloudposse/terraform-aws-ses/issues/40
        function.role.add_to_policy(
            iam.PolicyStatement(
                actions=["ses:SendEmail"],
                resources=[identities_arn(self)],
                conditions={"StringEquals": {"ses:FromAddress": sender}},
            )
        )
