"""The sessions of sandboxes share what botocore reads, and nothing that a session changes."""

import json
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import JSONFileLoader
from botocore.session import Session

from pocketcloud import OfflineCloud

EVENT = "before-call.sqs"
SERVICE = {
    "version": "2.0",
    "metadata": {
        "apiVersion": "2020-01-01",
        "endpointPrefix": "things",
        "protocol": "json",
        "serviceFullName": "Things",
        "serviceId": "things",
        "signatureVersion": "v4",
    },
    "operations": {},
    "shapes": {},
}


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


def tree(session: Session) -> Any:
    """Return the names of the session's handlers by the parts of an event's name.

    Not the handlers: Powertools, once imported, gives each session some of its own.
    """
    return named(vars(vars(vars(session)["_original_handler"])["_handlers"])["_root"])


def named(node: dict[str, Any]) -> Any:
    children = {chunk: named(child) for chunk, child in node["children"].items()}
    values = [[getattr(each, "__qualname__", type(each)) for each in part] for part in node["values"] or ()]
    return node["chunk"], values, children


def handler(**_: object) -> None:
    """Do nothing."""


@pytest.mark.usefixtures("cloud")
def test_second_session_reads_no_model_again(monkeypatch: pytest.MonkeyPatch) -> None:
    Session().create_client("sqs")
    read: list[str] = []
    original: Callable[[JSONFileLoader, str], object] = JSONFileLoader.load_file

    def noted(loader: JSONFileLoader, path: str) -> object:
        read.append(path)
        return original(loader, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", noted)
    Session().create_client("sqs")
    assert read == []
    Session().create_client("glacier")
    assert any("glacier" in path for path in read)


def test_cloud_reads_the_models_that_botocore_reads() -> None:
    folder = Path(botocore.__file__).parent / "data"
    files = [str(folder / name) for name in ("sqs/2012-11-05/service-2", "partitions", "absent")]
    alone = [JSONFileLoader().load_file(file) for file in files]
    with OfflineCloud():
        read = [JSONFileLoader().load_file(file) for file in files]
    assert [json.dumps(each) for each in read] == [json.dumps(each) for each in alone]
    assert alone[0] is not None is not alone[1]
    assert alone[2] is None


@pytest.mark.usefixtures("cloud")
def test_session_with_more_folders_has_their_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "things" not in Session().get_available_services()
    folder = tmp_path / "things" / "2020-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(SERVICE))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert "things" in Session().get_available_services()
    monkeypatch.delenv("AWS_DATA_PATH")
    assert "things" not in Session().get_available_services()


def test_sessions_have_the_handlers_that_botocore_registers() -> None:
    alone = tree(Session())
    with OfflineCloud():
        assert [tree(Session()), tree(Session())] == [alone, alone]


@pytest.mark.usefixtures("cloud")
def test_handler_of_one_session_is_in_no_other() -> None:
    before, changed = Session(), Session()
    changed.register(EVENT, handler)
    assert tree(changed) != tree(before) == tree(Session())


@pytest.mark.usefixtures("cloud")
def test_session_has_a_handler_that_was_built_in_later() -> None:
    before = tree(Session())
    BUILTIN_HANDLERS.append((EVENT, handler))
    try:
        assert tree(Session()) != before
    finally:
        BUILTIN_HANDLERS.pop()
    assert tree(Session()) == before


@pytest.mark.usefixtures("cloud")
def test_session_keeps_the_handlers_of_a_given_emitter() -> None:
    emitter, called = HierarchicalEmitter(), list[str]()
    emitter.register("own", lambda event_name, **_: called.append(event_name))
    session = Session(event_hooks=emitter)
    session.get_component("event_emitter").emit("own")
    assert called == ["own"]
    assert len(str(tree(session))) > len(str(tree(Session())))


@pytest.mark.usefixtures("cloud")
def test_copied_tree_changes_without_its_original() -> None:
    session = Session()
    before = tree(session)
    copied = copy(vars(session)["_original_handler"])
    assert named(vars(vars(copied)["_handlers"])["_root"]) == before
    for register in (copied.register_first, copied.register, copied.register_last):
        register(EVENT, handler)
    assert named(vars(vars(copied)["_handlers"])["_root"]) != before
    assert tree(session) == before


@pytest.mark.usefixtures("cloud")
def test_clients_share_what_they_do_not_change() -> None:
    clients: list[Any] = [Session().create_client("dynamodb") for _ in range(2)]
    first, second = clients
    assert first.meta.service_model is second.meta.service_model
    assert first.exceptions.ResourceInUseException is second.exceptions.ResourceInUseException
    assert type(first) is not type(second)
    before = tree_of(second)
    first.meta.events.register(EVENT, handler)
    first.meta.events.unregister(EVENT, handler)
    first.meta.events.register_first("before-send", handler)
    type(first).list_tables = None
    assert tree_of(second) == before == tree_of(Session().create_client("dynamodb"))
    assert second.list_tables()["TableNames"] == []
    pages = [client.get_paginator("list_tables") for client in (second, Session().create_client("dynamodb"))]
    assert pages[0] is not pages[1]
    assert pages[0].paginate().build_full_result() == {"TableNames": []}


def tree_of(client: Any) -> Any:
    """Return the names of the client's handlers, as `tree` does."""
    return named(vars(vars(vars(client.meta.events)["_emitter"])["_handlers"])["_root"])


def test_clients_have_the_handlers_methods_and_errors_of_botocore() -> None:
    def shown() -> object:
        client = Session().create_client("sqs", region_name="eu-west-1")
        errors = sorted(name for name in dir(client.exceptions) if name.endswith(("Exist", "Exception")))
        return tree_of(client), dir(client), errors, client.meta.endpoint_url

    alone = shown()
    with OfflineCloud():
        assert [shown(), shown()] == [alone, alone]
