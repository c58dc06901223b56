"""The catalogue in a real browser: search from file://, and pictures of narrow and wide pages."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from catalogue.markdown import ROOT
from catalogue.site import write

BROWSER = os.environ.get("BROWSER_BINARY") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PICTURES = ROOT / "build" / "catalogue-screenshots"
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")


def browse(*options: str, address: str, profile: Path) -> str:
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    done = subprocess.run(
        [*command, *options, address], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    write(folder)
    return folder


def test_search_finds_pages_without_a_server(site: Path, tmp_path: Path) -> None:
    address = f"{site.as_uri()}/events/OrderCreated.html?q=payment+declined"
    page = browse("--dump-dom", address=address, profile=tmp_path)
    results = page.split('id="results"')[1].split("</ul>")[0]
    assert 'href="../events/PaymentDeclined.html"' in results
    assert " pages</p>" in page


@pytest.mark.parametrize("width", [400, 1280], ids=["narrow", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_drawn_in_both_schemes(site: Path, tmp_path: Path, width: int, scheme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for page in ("index", "events/OrderCreated", "services/payments"):
        picture = PICTURES / f"{Path(page).name}-{scheme}-{width}.png"
        options = [f"--screenshot={picture}", f"--window-size={width},1600"]
        options += ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
        browse(*options, address=f"{site.as_uri()}/{page}.html", profile=tmp_path)
        assert picture.stat().st_size > 10_000
