"""Compare the working tree's schemas with the releases, and print the reports."""

from dataclasses import dataclass
from pathlib import Path

from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.schema.check import Mode, check_schemas, steps_between
from cli.schema.readers import read_readers
from cli.schema.releases import last_release, releases_until, schemas_in
from cli.schema.report import print_report, print_steps, report_as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """The options of the command line."""

    root: Path
    against: str | None
    mode: Mode
    strict: bool = False
    as_json: bool = False


def check(options: CheckOptions) -> ExitCode:
    """Print a report on every schema; return INCOMPATIBLE unless all are proved compatible."""
    folder = options.root / "schemas"
    ref = options.against or last_release(options.root)
    current, readers = schemas_in(folder), read_readers(folder)
    releases = releases_until(options.root, ref)
    reports = list(check_schemas(current, releases, options.mode, strict=options.strict))
    passes = all(report.passes(options.mode) for report in reports)
    if options.as_json:
        schemas = [report_as_json(report, options.mode, readers) for report in reports]
        write_json({"against": ref, "mode": options.mode, "passes": passes, "schemas": schemas}, indent=2)
    else:
        console = terminal()
        console.print(f"Against {', '.join(release.ref for release in releases)}, {options.mode}:")
        for report in reports:
            print_report(console, report, options.mode, readers)
        print_steps(console, list(steps_between(current, strict=options.strict)))
    return ExitCode.OK if passes else ExitCode.INCOMPATIBLE
