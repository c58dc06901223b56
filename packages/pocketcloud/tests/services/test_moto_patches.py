import dataclasses

import moto
import pytest
from moto.sns.models import SNSBackend

from pocketcloud import OfflineCloud
from pocketcloud.moto_patches.moto_patch import ABSENT, MOTO_VERSION, MotoPatch, SeamError, applied


def test_moto_is_the_version_the_seams_were_written_for() -> None:
    assert moto.__version__ == MOTO_VERSION == "5.2.5"


def test_every_seam_finds_the_name_and_the_parameters_it_relies_on(cloud: OfflineCloud) -> None:
    seams = cloud.services.seams()
    cloud.close()
    for seam in seams:
        seam.check()
    assert len(seams) >= 25


def test_a_seam_that_has_moved_is_an_error_that_names_it(cloud: OfflineCloud) -> None:
    seam = next(seam for seam in cloud.services.seams() if seam.name == "put_events")
    cloud.close()
    with pytest.raises(SeamError, match=r"EventsBackend\.put_events takes \(self events\)"):
        dataclasses.replace(seam, parameters="self entries").check()
    with pytest.raises(SeamError, match=r"EventsBackend\.send_events is gone"):
        dataclasses.replace(seam, name="send_events").check()


def test_another_moto_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto, "__version__", "5.2.6")
    with pytest.raises(SeamError, match=r"needs moto 5\.2\.5 exactly"), applied(list[MotoPatch]()):
        pass


def test_moto_has_its_own_back_when_the_cloud_is_closed(cloud: OfflineCloud) -> None:
    seams = cloud.services.seams()
    during = [getattr(seam.owner, seam.name) for seam in seams]
    cloud.close()
    after = [getattr(seam.owner, seam.name, None) for seam in seams]
    assert all(one is not other for one, other in zip(during, after, strict=True))
    assert all("offline" not in (getattr(own, "__module__", None) or "") for own in after)


def test_what_moto_lacks_and_has_by_now_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seam = MotoPatch(SNSBackend, "put_newspaper", ABSENT, print)
    seam.check()
    monkeypatch.setattr(SNSBackend, "put_newspaper", print, raising=False)
    with pytest.raises(SeamError, match="by now"):
        seam.check()
