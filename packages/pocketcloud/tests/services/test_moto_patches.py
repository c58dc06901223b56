import dataclasses

import moto
import pytest
from moto.sns.models import SNSBackend

from pocketcloud import OfflineCloud
from pocketcloud.moto_patches.moto_patch import ABSENT, MOTO_VERSION, MotoPatch, MotoPatchError, apply_patches


def test_moto_is_the_version_the_patches_were_written_for() -> None:
    assert moto.__version__ == MOTO_VERSION == "5.2.5"


def test_every_patch_finds_its_name_and_parameters(cloud: OfflineCloud) -> None:
    patches = cloud.services.patches()
    cloud.close()
    for patch in patches:
        patch.check()
    assert len(patches) >= 25


def test_check_names_the_patch_when_moto_has_changed(cloud: OfflineCloud) -> None:
    patch = next(patch for patch in cloud.services.patches() if patch.name == "put_events")
    cloud.close()
    with pytest.raises(MotoPatchError, match=r"EventsBackend\.put_events takes \(self events\)"):
        dataclasses.replace(patch, parameters="self entries").check()
    with pytest.raises(MotoPatchError, match=r"moto .* has no .*EventsBackend\.send_events"):
        dataclasses.replace(patch, name="send_events").check()


def test_another_moto_version_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto, "__version__", "5.2.6")
    with pytest.raises(MotoPatchError, match=r"needs moto 5\.2\.5 exactly"), apply_patches(list[MotoPatch]()):
        pass


def test_moto_is_restored_when_the_cloud_is_closed(cloud: OfflineCloud) -> None:
    patches = cloud.services.patches()
    during = [getattr(patch.owner, patch.name) for patch in patches]
    cloud.close()
    after = [getattr(patch.owner, patch.name, None) for patch in patches]
    assert all(one is not other for one, other in zip(during, after, strict=True))
    assert all("pocketcloud" not in (getattr(own, "__module__", None) or "") for own in after)


def test_check_fails_when_moto_has_an_absent_name(monkeypatch: pytest.MonkeyPatch) -> None:
    patch = MotoPatch(SNSBackend, "put_newspaper", ABSENT, print)
    patch.check()
    monkeypatch.setattr(SNSBackend, "put_newspaper", print, raising=False)
    with pytest.raises(MotoPatchError, match="already has"):
        patch.check()
