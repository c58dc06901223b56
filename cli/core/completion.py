"""Shell completion: values of options that are known without an account."""

import json

from cli.core.checkout import ROOT
from infrastructure.topology import FACTS, SERVICES


def stages(incomplete: str) -> list[str]:
    """Return the stages of cdk.json that begin with the text; none if the file cannot be read."""
    try:
        known = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
        return [name for name in known if name.startswith(incomplete)]
    except (OSError, ValueError, LookupError, TypeError):
        return []  # a shell has no place for an error message


def consumers(incomplete: str) -> list[str]:
    """Return the consumers whose names begin with the text."""
    return [service.name for service in SERVICES if service.name.startswith(incomplete)]


def facts(incomplete: str) -> list[str]:
    """Return the facts whose names begin with the text."""
    return [fact.name for fact in FACTS if fact.name.startswith(incomplete)]
