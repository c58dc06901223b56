"""Compare the working tree's schemas with the released ones, and print the reports; release what changed."""

from dataclasses import dataclass
from pathlib import Path

from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.schema.check import Mode, check_schemas, steps_between
from cli.schema.readers import read_readers
from cli.schema.releases import WORKING_TREE, release, released_at, texts_at, texts_in, unreleased
from cli.schema.report import print_report, print_steps, report_as_json
from cli.schema.schema_name import edited_revisions, revisions_of, schemas_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """The options of the command line."""

    root: Path
    against: str | None = None
    mode: Mode
    strict: bool = False
    as_json: bool = False


def check(options: CheckOptions) -> ExitCode:
    """Print a report on every schema; return INCOMPATIBLE unless all are proved compatible."""
    folder, ref = options.root / "schemas", options.against
    texts = texts_in(folder)
    before = texts_at(options.root, ref) if ref else texts
    released = released_at(before, ref) if ref else revisions_of(texts, WORKING_TREE)
    edited = edited_revisions(before, texts)
    current, readers = schemas_of(texts, WORKING_TREE), read_readers(folder)
    reports = list(check_schemas(current, released, options.mode, strict=options.strict))
    passes = not edited and all(report.passes(options.mode) for report in reports)
    if options.as_json:
        schemas = [report_as_json(report, options.mode, readers) for report in reports]
        verdict = {"against": ref, "mode": options.mode, "passes": passes, "edited": edited}
        write_json({**verdict, "schemas": schemas}, indent=2)
    else:
        console = terminal()
        console.print(f"Against {ref or 'schemas/released'}, {options.mode}:")
        for path in edited:
            console.print(f"schemas/{path}: EDITED. Restore it: released schemas never change.", style="red")
        for report in reports:
            print_report(console, report, options.mode, readers)
        print_steps(console, list(steps_between(current, strict=options.strict)))
    return ExitCode.OK if passes else ExitCode.INCOMPATIBLE


def release_schemas(root: Path, *, only_check: bool) -> ExitCode:
    """Copy each changed schema to `schemas/released`, unless one breaks a consumer; or only list them."""
    folder, console = root / "schemas", terminal()
    paths = unreleased(texts_in(folder))
    if not only_check and check(CheckOptions(root=root, mode=Mode.FULL_TRANSITIVE)) is not ExitCode.OK:
        return ExitCode.INCOMPATIBLE
    for name, path in paths.items():
        if only_check:
            console.print(f"{name}: not released. Run orderbus schema release and commit schemas/{path}.")
        else:
            release(folder, name, path)
            console.print(f"{name}: released as schemas/{path}")
    return ExitCode.INCOMPATIBLE if only_check and paths else ExitCode.OK
