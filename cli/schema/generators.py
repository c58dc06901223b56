"""The generators of types: well-kept tools that are installed only by those who need them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shutil import which

from cli.core.checkout import ROOT
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

FOLDERS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")
"""Folders searched for a tool before PATH."""


class Language(StrEnum):
    """A language with a generator."""

    PYTHON = "python"
    TYPESCRIPT = "typescript"


@dataclass(frozen=True, slots=True)
class Generator:
    """A command that writes the types of one JSON Schema to a file."""

    tool: str
    install: str
    suffix: str
    options: tuple[str, ...]

    def write(self, schema: Path, output: Path) -> None:
        """Run the tool.

        Raises:
            CommandError: it is not installed, or fails.
        """
        path = os.pathsep.join([*map(str, FOLDERS), os.environ.get("PATH", "")])
        program = which(self.tool, path=path)
        if program is None:
            raise CommandError(
                f"{self.tool} is not installed.",
                hint=f"Install it with `{self.install}`, and run the command again.",
                code=ExitCode.TOOL_MISSING,
            )
        done = subprocess.run(  # noqa: S603 - the tool, with our own files
            [program, "--input", str(schema), "--output", str(output), *self.options],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise CommandError(
                f"{self.tool} failed for {schema.name}:\n{done.stderr.strip() or done.stdout.strip()}",
                hint=f"These options are for the version of `{self.install}`.",
                code=ExitCode.TOOL_MISSING,
            )


GENERATORS = {
    # https://koxudaxi.github.io/datamodel-code-generator/
    Language.PYTHON: Generator(
        tool="datamodel-codegen",
        install="pip install datamodel-code-generator==0.89.0",
        suffix="py",
        options=(
            "--input-file-type=jsonschema",
            "--output-model-type=msgspec.Struct",
            "--target-python-version=3.11",
            "--use-annotated",
            "--use-schema-description",
            "--disable-timestamp",
            "--formatters=builtin",
        ),
    ),
    # https://www.npmjs.com/package/json-schema-to-typescript
    Language.TYPESCRIPT: Generator(
        tool="json2ts",
        install="npm install --no-save json-schema-to-typescript@16.0.0",
        suffix="ts",
        options=(),
    ),
}
