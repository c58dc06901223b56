"""The client package's contracts are those of the functions."""

from client_package.copies import FOLDER, files
from functions.contracts.registry import FACTS
from orderbus_client.contracts import registry


def test_copies_are_current() -> None:
    written = {path: path.read_text() for path in FOLDER.rglob("*.py")}
    written[FOLDER.parent / "events.py"] = (FOLDER.parent / "events.py").read_text()
    assert written == files(), "run `make contracts`"


def test_copies_know_the_same_facts() -> None:
    ours = {name: (fact.owner, fact.version, fact.__struct_fields__) for name, fact in FACTS.items()}
    theirs = {
        name: (each.owner, each.version, each.__struct_fields__) for name, each in registry.FACTS.items()
    }
    assert ours == theirs
