"""`python -m load`."""

import typer

from cli.core.closed_pipe import closed_pipes
from cli.core.errors import escaped_tracebacks
from cli.core.output import prepare_streams
from cli.main import run_command
from load.checkouts import CheckoutLoad

app = typer.Typer(
    result_callback=run_command,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("checkouts")(CheckoutLoad)


@app.callback()
def load() -> None:
    """Test a stage under load. `load/orders.js` does it on the HTTP API, with k6."""


if __name__ == "__main__":
    with escaped_tracebacks(), closed_pipes():
        prepare_streams()
        app(prog_name="python -m load")
