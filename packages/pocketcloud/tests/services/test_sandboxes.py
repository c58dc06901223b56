import importlib
import logging
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_world import World, zip_files


def invoke(world: World, name: str = "f", event: dict[str, Any] | None = None) -> Any:
    return world.cloud.invoke(name, event or {})


def made_of(
    world: World, files: dict[str, str], handler: str = "functions.f.handler.handle", **settings: Any
) -> None:
    """Create a function `f` of several files."""
    code = zip_files({name: textwrap.dedent(text) for name, text in files.items()})
    world.cloud.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=world.role(),
        Handler=handler,
        Code={"ZipFile": code},
        **settings,
    )


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout on the path, with the packages `functions` and `tools`."""
    for package in ("functions", "tools"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "functions"}
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("functions", None)
    sys.modules.update(kept)


def test_handler_string_is_imported_from_the_bundle(world: World, checkout: Path) -> None:
    files = {
        "functions/__init__.py": "",
        "functions/f/__init__.py": "",
        "functions/f/handler.py": "import functions\ndef handle(event, context): return functions.__file__",
    }
    made_of(world, files)
    own = importlib.import_module("functions")
    assert own.__file__ == str(checkout / "functions/__init__.py")
    where = invoke(world).payload
    assert where.startswith("/")
    assert where != own.__file__
    assert sys.modules["functions"] is own
    assert "functions.f" not in sys.modules


@pytest.mark.usefixtures("checkout")
def test_bundle_does_not_see_the_checkout_around_it(world: World) -> None:
    made_of(world, {"handler.py": "import tools"}, "handler.handle")
    error = invoke(world).error
    assert error.type == "Runtime.ImportModuleError"
    assert "tools" in error.message


def test_sandboxes_keep_separate_state(world: World) -> None:
    counting = """
        import state
        def handle(event, context):
            state.count += 1
            return state.count
    """
    for name in ("one", "two"):
        code = zip_files({"handler.py": textwrap.dedent(counting), "state.py": "count = 0"})
        world.cloud.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=world.role(),
            Handler="handler.handle",
            Code={"ZipFile": code},
        )
    assert [invoke(world, name).payload for name in ("one", "one", "two", "one")] == [1, 2, 1, 3]
    assert "state" not in sys.modules


def test_new_code_or_configuration_is_a_cold_start(world: World) -> None:
    world.function("f", "calls = []\ndef handle(event, context):\n    calls.append(1)\n    return len(calls)")
    assert [invoke(world).payload for _ in range(2)] == [1, 2]
    world.cloud.client("lambda").update_function_configuration(
        FunctionName="f", Environment={"Variables": {"A": "1"}}
    )
    assert invoke(world).payload == 1


def test_environment_is_the_functions_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "secret")
    source = "import os\ndef handle(event, context): return dict(os.environ)"
    world.function("f", source, Environment={"Variables": {"STAGE": "dev"}}, MemorySize=256)
    before = dict(os.environ)
    seen = invoke(world).payload
    assert "MINE" not in seen
    assert (seen["STAGE"], seen["AWS_LAMBDA_FUNCTION_NAME"], seen["AWS_REGION"]) == ("dev", "f", "eu-west-1")
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert dict(os.environ) == before


def test_logger_is_separate_from_one_of_the_same_name(world: World) -> None:
    here = logging.getLogger("f")
    here.disabled = True
    speaking = """
        import logging, sys
        logger = logging.getLogger("f")
        logger.addHandler(logging.StreamHandler(sys.stdout))
        def handle(event, context):
            logger.warning("logged")
            return logger.disabled
    """
    made_of(world, {"handler.py": speaking}, "handler.handle")
    try:
        assert invoke(world).payload is False
    finally:
        here.disabled = False
    assert world.cloud.logs("f") == ["logged"]
    assert logging.getLogger("f") is here
    assert here.handlers == []


def test_every_sandbox_executes_the_modules_anew(world: World) -> None:
    files = {
        "functions/f/handler.py": """
            from importlib import resources
            from functions.shared import things

            def handle(event, context):
                things.SEEN.append(event)
                spec = things.__spec__
                words = resources.files("functions.shared").joinpath("words.txt").read_text()
                return [things.SEEN, spec.name, spec.parent, spec.has_location, words]
        """,
        "functions/shared/things.py": "SEEN = []",
        "functions/shared/__init__.py": "",
        "functions/shared/words.txt": "words",
    }
    made_of(world, files)
    rest = ["functions.shared.things", "functions.shared", True, "words"]
    assert [invoke(world, event={}).payload, invoke(world, event={}).payload] == [
        [[{}], *rest],
        [[{}, {}], *rest],
    ]
    world.cloud.services.runtime.sandboxes.drop()
    assert invoke(world, event={"again": 1}).payload == [[{"again": 1}], *rest]


def test_module_with_an_error_fails_in_every_sandbox(world: World) -> None:
    made_of(world, {"functions/f/handler.py": "import functions.f.wrong", "functions/f/wrong.py": "("})
    errors = [invoke(world).error for _ in range(2)]
    assert [error.type for error in errors] == ["SyntaxError", "SyntaxError"]


def test_module_of_another_bundle_is_its_own(world: World) -> None:
    for number in (1, 2):
        files = {"functions/f/handler.py": f"def handle(event, context): return {number}"}
        if number == 1:
            made_of(world, files)
        else:
            code = zip_files(files)
            world.cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=code)
        assert invoke(world).payload == number
