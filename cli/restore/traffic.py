"""`orderbus restore stop` and `start`: keep every function but the log's readers from running.

Messages wait in their queues meanwhile. The relay and the ordered stream's function go on: they only read the
event log, and what they publish is then in the archive.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from infrastructure.names import Names
from infrastructure.topology import SERVICES
from infrastructure.triggers import Routes, Webhook


@dataclass(slots=True, kw_only=True)
class Traffic:
    """The triggers of a stage's functions: queues and streams, schedules, and the HTTP API."""

    mappings: dict[str, str] = field(default_factory=dict)
    """The function of each event source mapping, by the mapping's id."""
    schedules: list[str] = field(default_factory=list)
    apis: list[str] = field(default_factory=list)
    """Functions of the HTTP API; with a reserved concurrency of zero they respond 503."""
    done: bool = False

    @classmethod
    def of(cls, account: Account) -> "Traffic":
        """Return what the stage has."""
        names = account.names
        return cls(
            mappings=dict(sorted(_mappings(account), key=lambda pair: pair[1])),
            schedules=sorted(_schedules(account)),
            apis=sorted(_apis(names)),
        )


def stop(account: Account, *, as_json: bool, confirmed: bool) -> ExitCode:
    """Stop the functions of a stage, or show which."""
    return _switch(account, on=False, as_json=as_json, confirmed=confirmed)


def start(account: Account, *, as_json: bool, confirmed: bool) -> ExitCode:
    """Start them again."""
    return _switch(account, on=True, as_json=as_json, confirmed=confirmed)


def _switch(account: Account, *, on: bool, as_json: bool, confirmed: bool) -> ExitCode:
    with aws_errors(hint=LOOK):
        traffic = Traffic.of(account)
        if confirmed:
            _switch_all(account, traffic, on=on)
            traffic.done = True
    if as_json:
        write_json(asdict(traffic))
        return ExitCode.OK
    console = terminal()
    console.print(f"queues and streams  {', '.join(sorted(set(traffic.mappings.values())))}")
    console.print(f"schedules           {', '.join(traffic.schedules)}")
    console.print(f"HTTP API            {', '.join(traffic.apis)}")
    verb = "started" if on else "stopped"
    console.print(f"All are {verb}." if confirmed else f"Nothing was {verb}. Add --yes to do it.")
    return ExitCode.OK


def _switch_all(account: Account, traffic: Traffic, *, on: bool) -> None:
    lambda_, events = account.client("lambda"), account.client("events")
    for uuid in traffic.mappings:
        lambda_.update_event_source_mapping(UUID=uuid, Enabled=on)
    for name in traffic.schedules:
        (events.enable_rule if on else events.disable_rule)(Name=name)
    for name in traffic.apis:
        with suppress(lambda_.exceptions.ResourceNotFoundException):  # a stage may have no webhook
            if on:
                lambda_.delete_function_concurrency(FunctionName=name)
            else:
                lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)


def running_consumers(account: Account) -> list[str]:
    """Return the functions whose event source mappings are not disabled."""
    pages = account.client("lambda").get_paginator("list_event_source_mappings").paginate()
    states = {mapping["UUID"]: mapping["State"] for page in pages for mapping in page["EventSourceMappings"]}
    return sorted({name for uuid, name in _mappings(account) if states.get(uuid) != "Disabled"})


def _mappings(account: Account) -> Iterator[tuple[str, str]]:
    """Yield the id and function of each mapping but those that read the event log."""
    names = account.names
    log_readers = {names.relay, names.stream}
    pages = account.client("lambda").get_paginator("list_event_source_mappings").paginate()
    for mapping in (mapping for page in pages for mapping in page["EventSourceMappings"]):
        function = mapping["FunctionArn"].split(":")[6]
        if function.startswith(f"{names.prefix}-") and function not in log_readers:
            yield mapping["UUID"], function


def _schedules(account: Account) -> Iterator[str]:
    """Yield the rules of the default bus that invoke the stage's functions every minute."""
    pages = (
        account.client("events").get_paginator("list_rules").paginate(NamePrefix=f"{account.names.prefix}-")
    )
    for rule in (rule for page in pages for rule in page["Rules"]):
        if "ScheduleExpression" in rule:
            yield rule["Name"]


def _apis(names: Names) -> Iterator[str]:
    for service in SERVICES:
        for function in service.functions:
            if isinstance(function.trigger, Routes | Webhook):
                yield names.function(service.name, function.module)
