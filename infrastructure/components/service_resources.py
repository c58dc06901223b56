"""The resources that a service's functions share, and each function's access to them."""

import json
from collections.abc import Mapping
from operator import attrgetter

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import stream_arn, table_arn
from infrastructure.components.dependencies import Dependencies
from infrastructure.components.event_log import append_own_facts, read_all_facts
from infrastructure.components.ingress_grant import ingress_variables, put_on_ingress
from infrastructure.components.kafka_access import writing
from infrastructure.components.sender_address import SenderAddress
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.service_secret import ServiceSecret
from infrastructure.components.service_table import ServiceTable
from infrastructure.names import table_variable
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import Function, Secret, Service
from infrastructure.tables import Table, Uses
from infrastructure.triggers import EventStream


class ServiceResources:
    """The layer, the tables, the secret and the sender address of one service."""

    def __init__(self, stack: Stack, *, stage: Stage, service: Service) -> None:
        self.stack, self.stage, self.service = stack, stage, service
        self._layers = _layers(stack, stage, service)
        self._secret = self._make_secret(service.secret)
        self.tables = {
            table.name: self._make_table(table) for table in service.tables if stage.includes(table.only_when)
        }
        sender = service.email_sender
        self._sender = SenderAddress(stack, stage=stage, sender=sender) if sender else None

    def make_function(
        self,
        scope: Construct,
        construct_id: str,
        function: Function,
        environment: Mapping[str, str] | None = None,
    ) -> ServiceFunction:
        """Make a function with its environment; `grant` adds its permissions."""
        return ServiceFunction(
            scope,
            construct_id,
            stage=self.stage,
            service=self.service.name,
            module=function.module,
            timeout_seconds=function.timeout_seconds,
            memory_mb=function.memory_mb,
            layers=self._layers,
            environment={**self._environment(function), **(environment or {})},
            files=self.service.files,
            folders=self.service.folders,
            network=attrgetter(function.network)(self.stage.settings) if function.network else None,
        )

    def grant(self, made: ServiceFunction, function: Function) -> None:
        """Allow the function its facts, its tables, the secret and the sender address."""
        stage, service, stack = self.stage, self.service, self.stack
        if stage.topology.publishes_facts(service):
            made.permit(append_own_facts(stack, stage=stage, owner=service.name))
        if service.claims:
            made.allow(table_arn(stack, stage.names.claims), "dynamodb:PutItem")
        if self._secret:
            made.allow(self._secret.secret.ref, "secretsmanager:GetSecretValue")
        for used, actions in self._uses(function).items():
            table, *index = used.split("/", 1)
            name = "/".join((stage.names.table(service.name, table), *index))
            made.allow(table_arn(stack, name), *(f"dynamodb:{action}" for action in actions))
        if function.reads_event_log:
            made.permit(read_all_facts(stack, stage=stage))
        self._grant_other_ways(made, function)
        if setting := function.writes_topic_of:
            for statement in writing(attrgetter(setting)(stage.settings)):
                made.permit(statement)
        if self._sender:
            made.permit(self._sender.statement(stack))

    def _grant_other_ways(self, made: ServiceFunction, function: Function) -> None:
        """Allow it the ordered stream, CloudWatch's traces and the ingress bus, where it uses them."""
        stage, stack = self.stage, self.stack
        if function.lists_shards:
            made.allow(stream_arn(stack, stage.names.ordered_stream), "kinesis:ListShards")
        if function.puts_spans is not None and stage.includes(function.puts_spans):
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
            made.allow("*", "xray:PutTraceSegments")  # supports no resource
        if function.puts_on_ingress:
            sources = stage.settings.ingress_sources
            made.permit(put_on_ingress(stack, stage=stage, sources=sources))
        if own := function.ingress_source:
            made.permit(put_on_ingress(stack, stage=stage, sources=(own,)))

    def add_alarms(self, made: ServiceFunction, function: Function) -> None:
        """Add the function's own alarms."""
        service = self.service.name
        # A bridge's inbound function has alarms of the same kind as its queue's.
        name = made.name if function.puts_on_ingress else self.stage.names.of(service)
        add_alarms(
            self.stack,
            function.alarms,
            stage=self.stage,
            name=name,
            dimensions=self.metric_dimensions(function),
            service=service,
            function=made.name,
        )

    def metric_dimensions(self, function: Function) -> dict[str, str]:
        """The dimensions of the metrics that the function counts."""
        service, module = self.service.name, function.module
        return {"service": service if module == "handler" else f"{service}-{module}"}

    @property
    def secret_arn(self) -> str:
        """The ARN of the service's secret; LookupError if it has none."""
        if self._secret is None:
            raise LookupError(f"service {self.service.name!r} has no secret: declare one")
        return self._secret.secret.ref

    def _environment(self, function: Function) -> dict[str, str]:
        stage, service = self.stage, self.service
        variables = {
            table_variable(table): stage.names.table(service.name, table)
            for table in self._uses(function)
            if "/" not in table
        }
        if stage.topology.publishes_facts(service) or function.reads_event_log:
            variables["EVENT_LOG_TABLE"] = stage.names.event_log
        if service.claims:
            variables["CLAIMS_TABLE"] = stage.names.claims
        if function.lists_shards or isinstance(function.trigger, EventStream):
            variables["ORDERED_STREAM"] = stage.names.ordered_stream
        for variable, setting in {**service.settings, **function.settings}.items():
            value = attrgetter(setting)(stage.settings)
            if value is not None:
                variables[variable] = value if isinstance(value, str) else json.dumps(value)
        if function.puts_on_ingress:
            variables |= ingress_variables(stage)
        if function.ingress_source:
            variables["INGRESS_BUS"] = stage.names.ingress_bus
        if service.secret and self._secret:
            variables[service.secret.variable] = self._secret.secret.ref
        if service.email_sender and self._sender:
            variables[service.email_sender.variable] = self._sender.address
        return variables

    def _uses(self, function: Function) -> Uses:
        """The function's uses of tables that the stage has."""
        return {used: actions for used, actions in function.uses.items() if used.split("/")[0] in self.tables}

    def _make_table(self, table: Table) -> ServiceTable:
        name = self.stage.names.table(self.service.name, table.name)
        construct_id = f"{table.name.title()}Table"
        return ServiceTable(self.stack, construct_id, stage=self.stage, table_name=name, table=table)

    def _make_secret(self, secret: Secret | None) -> ServiceSecret | None:
        if secret is None or not self.stage.includes(secret.only_when):
            return None
        construct_id = secret.name.title().replace("-", "")
        return ServiceSecret(self.stack, construct_id, stage=self.stage, secret=secret)


def _layers(stack: Stack, stage: Stage, service: Service) -> list[lambda_.LayerVersion]:
    """The packages of every function, and those of this service alone: no other start reads them."""
    layers = [Dependencies(stack, "Dependencies", stage=stage).layer]
    if name := service.packages:
        construct_id = f"{name.title()}Packages"
        layers.append(Dependencies(stack, construct_id, stage=stage, packages=name).layer)
    return layers
