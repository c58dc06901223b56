"""The bootstrap bucket: zip and store an asset when a resource first uses it."""

import io
import os
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

from pocketcloud.cloudformation.assembly import Asset
from pocketcloud.cloudformation.errors import ResourceError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold; used so that equal folders give equal bytes."""
READABLE = 0o644 << 16


class AssetBucket:
    """Assets of the assembly by bucket and key."""

    def __init__(
        self, client: Callable[[str], Any], pseudo_parameters: Mapping[str, str], assets: tuple[Asset, ...]
    ) -> None:
        self._client = client
        self._pseudo_parameters = pseudo_parameters
        self.use(assets)
        self._buckets: set[str] = set()
        self._stored: set[tuple[str, str]] = set()

    def use(self, assets: tuple[Asset, ...]) -> None:
        """Find the assets of this assembly, instead of an earlier one."""
        fill = partial(_fill, values=self._pseudo_parameters)
        self._assets = {(fill(asset.bucket), asset.key): asset for asset in assets}

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files and folders of all assets."""
        return tuple(asset.source for asset in self._assets.values())

    def store(self, bucket: str, key: str) -> Path:
        """Upload the asset to S3 unless it is there, and return its source path."""
        asset = self._assets.get((bucket, key))
        if asset is None:
            raise ResourceError(f"the assembly has no asset for s3://{bucket}/{key}")
        if (bucket, key) not in self._stored:
            self._create_bucket(bucket)
            body = _body(asset)
            # With a checksum, botocore does not send the body in chunks, which moto would join again.
            checksum = b64encode(crc32(body).to_bytes(4, "big")).decode()
            self._client("s3").put_object(Bucket=bucket, Key=key, Body=body, ChecksumCRC32=checksum)
            self._stored.add((bucket, key))
        return asset.source

    def _create_bucket(self, bucket: str) -> None:
        if bucket not in self._buckets:
            s3 = self._client("s3")
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
            )
            self._buckets.add(bucket)


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _body(asset: Asset) -> bytes:
    if asset.packaging == "zip" and asset.source.is_dir():
        return zip_folder(asset.source)
    if not asset.source.is_file():
        raise ResourceError(f"the asset {asset.source} does not exist")
    return asset.source.read_bytes()


def zip_texts(files: Mapping[str, str]) -> bytes:
    """Zip files with these texts by name; equal texts give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            _write(archive, name, text.encode())
    return buffer.getvalue()


def zip_folder(folder: Path) -> bytes:
    """Zip the folder without compiled files; equal contents give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in sorted(_files(str(folder))):
            with open(path, "rb") as file:  # noqa: PTH123 - a thousand paths as objects take as long as the zip
                _write(archive, name, file.read())
    return buffer.getvalue()


def _files(folder: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name in the archive and the path of each file."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_file():
                yield name, entry.path
            elif entry.name != "__pycache__":
                yield from _files(entry.path, f"{name}/")


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = READABLE
    archive.writestr(entry, content)
