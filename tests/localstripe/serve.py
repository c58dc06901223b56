"""localstripe's application on 127.0.0.1 alone and a free port, which is the one line this program prints.

Its own command binds every interface, and keeps what it knows in a file for the whole machine.
"""

import asyncio

from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app


async def serve() -> None:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - it is what the caller waits for
    await asyncio.Event().wait()


Store.dump_to_disk = lambda _: None
asyncio.run(serve())
