"""What a shell completes: the values of options that are known without asking an account."""

import json
from pathlib import Path

_ROOT = Path(__file__).parent.parent


def stages(incomplete: str) -> list[str]:
    """The stages of cdk.json that begin so; none if it cannot be read."""
    try:
        known = json.loads((_ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
        return [name for name in known if name.startswith(incomplete)]
    except (OSError, ValueError, LookupError, TypeError):
        return []  # a shell has no place for an error message


def consumers(incomplete: str) -> list[str]:
    """The services with a queue of their own whose names begin so."""
    from infrastructure.topology import SERVICES  # noqa: PLC0415 - `--help` completes nothing

    return [service.name for service in SERVICES if service.name.startswith(incomplete)]


def facts(incomplete: str) -> list[str]:
    """The facts whose names begin so."""
    from infrastructure.topology import FACTS  # noqa: PLC0415 - as above

    return [fact.name for fact in FACTS if fact.name.startswith(incomplete)]
