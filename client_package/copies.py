"""The files of the client's contracts: the functions' modules under other names."""

import ast
from itertools import chain
from pathlib import Path

from client_package.modules import ROOT, modules, path_of, source_of

PACKAGE = "orderbus_client.contracts"
FOLDER = ROOT / "packages" / "orderbus-client" / "src" / "orderbus_client" / "contracts"
NOTICE = "# Copied from {source} by `python -m client_package`: change the original."
EVENTS_HEADER = '''# Written by `python -m client_package`.
"""Every event of Orderbus, and the values they hold."""
'''
SINGLE_DOMAIN = f'''"""The parts of a domain that the shared library uses."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from msgspec import Struct

from {PACKAGE}.shared.fact import Fact

{{struct}}


@cache
def domain_contracts() -> DomainContracts:
    """Return the contracts of Orderbus, the only domain of this package."""
    contracts: DomainContracts = import_module("{PACKAGE}.registry").CONTRACTS
    return contracts
'''
"""The module that chooses a domain by an environment variable, which a library for others may not need."""


def files() -> dict[Path, str]:
    """Return the text of each generated file."""
    copies = {FOLDER / _place(name): _copy(name) for name in modules()}
    return {**_packages(), **copies, FOLDER.parent / "events.py": _events()}


def _packages() -> dict[Path, str]:
    return {
        FOLDER / "__init__.py": '"""The contracts of Orderbus: generated, see `client_package`."""\n',
        FOLDER / "shared" / "__init__.py": '"""Events and their encoding, for any domain."""\n',
    }


def _place(name: str) -> Path:
    return Path(f"{_renamed(name).removeprefix(f'{PACKAGE}.').replace('.', '/')}.py")


def _renamed(text: str) -> str:
    shared = text.replace("functions.shared.contracts", f"{PACKAGE}.shared")
    return shared.replace("functions.contracts", PACKAGE)


def _copy(name: str) -> str:
    text = source_of(name)
    if name.endswith(".domain_contracts"):
        text = SINGLE_DOMAIN.format(struct=_class_of(text, "DomainContracts"))
    notice = NOTICE.format(source=path_of(name).relative_to(ROOT))
    return f"{notice}\n{_renamed(text)}"


def _class_of(text: str, name: str) -> str:
    (found,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == name)
    return ast.get_source_segment(text, found) or ""


def _events() -> str:
    """Return the module with every fact and every value of the contracts."""
    names = {name: _public_classes(name) for name in modules() if name.startswith("functions.contracts.")}
    imports = "\n".join(_import(name, classes) for name, classes in names.items() if classes)
    listed = "\n".join(f'    "{each}",' for each in sorted(chain(*names.values())))
    return f"{EVENTS_HEADER}\n{imports}\n\n__all__ = [\n{listed}\n]\n"


def _import(name: str, classes: list[str]) -> str:
    lines = "".join(f"    {each},\n" for each in classes)
    return f"from {_renamed(name)} import (\n{lines})"


def _public_classes(name: str) -> list[str]:
    return sorted(
        node.name
        for node in ast.parse(source_of(name)).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
