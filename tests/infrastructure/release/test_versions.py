"""The tag, the distributions and the changelog of a release name one version."""

import re
from pathlib import Path

import pytest

from app import ROOT
from infrastructure.release.versions import (
    PROJECTS,
    UNRELEASED,
    ReleaseError,
    check_tag,
    sections,
    version_of,
)

CHANGELOG = "# Changelog\n\n## 1.2.0\n\n### Upgrade\n\nNothing.\n\n## 1.1.0\n\nOld.\n"


def repository(folder: Path, *, changelog: str = CHANGELOG, other: str = "1.2.0") -> Path:
    """Return a folder with the three distributions, the last in version `other`, and a changelog."""
    for name in PROJECTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('[project]\nversion = "1.2.0"\n')
    (folder / PROJECTS[-1]).write_text(f'[project]\nversion = "{other}"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_tag_returns_the_notes_of_its_version(tmp_path: Path) -> None:
    assert check_tag(repository(tmp_path), "v1.2.0") == "### Upgrade\n\nNothing.\n"


@pytest.mark.parametrize("tag", ["v1.2.1", "1.2.0", "v1.2", "release"])
def test_tag_of_another_version_is_rejected(tmp_path: Path, tag: str) -> None:
    with pytest.raises(ReleaseError, match=rf"the tag {tag} is not v1.2.0"):
        check_tag(repository(tmp_path), tag)


def test_version_of_a_prerelease_is_rejected(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    for name in PROJECTS:
        (folder / name).write_text('[project]\nversion = "1.2.0rc1"\n')
    with pytest.raises(ReleaseError, match="three numbers"):
        check_tag(folder, "v1.2.0rc1")


def test_distributions_of_different_versions_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"orderbus-client/pyproject.toml has 1.3.0. Set all"):
        check_tag(repository(tmp_path, other="1.3.0"), "v1.2.0")


def test_changelog_with_unreleased_changes_is_rejected(tmp_path: Path) -> None:
    changelog = CHANGELOG.replace("## 1.2.0", f"## {UNRELEASED}\n\nNew.\n\n## 1.2.0")
    with pytest.raises(ReleaseError, match=r"begins with 'Unreleased', not '1\.2\.0'"):
        check_tag(repository(tmp_path, changelog=changelog), "v1.2.0")


@pytest.mark.parametrize("missing", ["", "Nothing of ### Upgrade here.\n\n"])
def test_release_without_upgrade_notes_is_rejected(tmp_path: Path, missing: str) -> None:
    changelog = CHANGELOG.replace("### Upgrade\n\nNothing.\n\n", missing)
    with pytest.raises(ReleaseError, match=r'no "### Upgrade" in 1.2.0'):
        check_tag(repository(tmp_path, changelog=changelog), "v1.2.0")


def test_checkout_has_one_version_and_newest_section() -> None:
    version = version_of(ROOT)
    titles = [title for title, _ in sections(ROOT)]
    assert titles[0] in {UNRELEASED, version}
    assert len(set(titles)) == len(titles)
    assert all(title == UNRELEASED or re.fullmatch(r"\d+\.\d+\.\d+", title) for title in titles)
