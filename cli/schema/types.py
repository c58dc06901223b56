"""`orderbus schema types`: write the types of the events in another language."""

import re
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.schema.generators import GENERATORS, Language
from cli.schema.releases import WORKING_TREE, texts_in
from cli.schema.schema_name import SchemaName, schemas_of


def write_types(
    schemas: Path, language: Language, event: str | None, out: Path, *, as_json: bool
) -> ExitCode:
    """Write one file for each version of the event, or of every event, and print their names."""
    generator = GENERATORS[language]
    names = _chosen(sorted(schemas_of(texts_in(schemas), WORKING_TREE)), event)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names:
        path = out / f"{_stem(name, language)}.{generator.suffix}"
        generator.write(schemas / f"{name}.json", path)
        written.append(path)
    if as_json:
        write_json([str(path) for path in written])
    else:
        terminal().print_lines("\n".join(map(str, written)))
    return ExitCode.OK


def _chosen(names: list[SchemaName], event: str | None) -> list[SchemaName]:
    chosen = [name for name in names if event in {None, name.event}]
    if not chosen:
        known = ", ".join(dict.fromkeys(name.event for name in names))
        raise CommandError(
            f"There is no schema of {event}.", hint=f"Name one of {known}.", code=ExitCode.USAGE
        )
    return chosen


def _stem(name: SchemaName, language: Language) -> str:
    """Return the name of a module, as the language spells it: order_created_v1 or OrderCreatedV1."""
    whole = f"{name.event}V{name.version}"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", whole).lower() if language is Language.PYTHON else whole
