"""People at the command line, each in the name of a role that has the policies made for them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch

from typer.core import TyperGroup
from typer.main import get_command

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.lazy_group import LazyCommand
from cli.main import app
from infrastructure.names import Names
from pocketcloud import OfflineCloud
from tests.permissions.grants import Grant
from tests.workflow.command_line import orderbus

DEV = Names("dev")
POLICIES = (*DEV.observer_policies, *DEV.operator_policies)
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


@dataclass
class Person:
    """Somebody who types commands, and how far that has got."""

    cloud: OfflineCloud
    role: str
    typed: set[str] = field(default_factory=set)
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return this person's client of the service."""
        if service not in self._clients:
            self._clients[service] = self.cloud.client(service, role=self.role)
        return self._clients[service]

    def tries(self, *words: object) -> tuple[int, str, str]:
        """The command, however it ends."""
        line = [str(word) for word in words]
        self.typed.update({line[0], " ".join(line[:2])} & set(commands()))
        with patch.object(Account, "client", lambda _, service: self.client(service)):
            return orderbus(*line)

    def types(self, *words: object) -> Any:
        """Run the command, which must succeed; return its JSON output."""
        code, out, err = self.tries(*words, "--json")
        assert code == ExitCode.OK, f"{words}: {code}\n{out}\n{err}"
        return [json.loads(line) for line in out.splitlines()][-1] if out.strip() else None


def person(cloud: OfflineCloud, name: str, *policies: str) -> Person:
    """Somebody with these policies of the stage, and nothing else."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=NOBODY)["Role"]["Arn"]
    for policy in policies:
        arn = f"arn:aws:iam::{cloud.access.location.account}:policy/{policy}"
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return Person(cloud, role)


@cache
def commands() -> list[str]:
    """Every command there is, as it is typed."""

    def found(command: Any, words: tuple[str, ...]) -> Iterator[str]:
        if isinstance(command, LazyCommand):
            command = command.load()
        if not isinstance(command, TyperGroup):
            yield " ".join(words)
            return
        for name, each in command.commands.items():
            yield from found(each, (*words, name))

    return list(found(get_command(app), ()))


def granted(cloud: OfflineCloud) -> list[Grant]:
    """Everything that the policies grant, one action on one resource at a time."""
    iam = cloud.client("iam")
    found = []
    for policy in POLICIES:
        arn = f"arn:aws:iam::{cloud.access.location.account}:policy/{policy}"
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        for line in document["Statement"]:
            found += [
                Grant(policy, f"{policy}[{line['Sid']}]", action, resource)
                for action in _every(line["Action"])
                for resource in _every(line["Resource"])
            ]
    return found


def _every(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
