"""The bill of materials of the layer: every locked package, in CycloneDX's form."""

import re

from infrastructure.orderbus import ORDERBUS
from infrastructure.packaging.bill_of_materials import bill_of_materials

LOCK = ORDERBUS.bundles.lock.read_text()
DOCUMENT = bill_of_materials(LOCK, "1.2.3")


def test_bill_has_every_locked_package_and_hash() -> None:
    found = {f"{each['name']}=={each['version']}" for each in DOCUMENT["components"]}
    assert found == set(re.findall(r"^[a-z0-9._-]+==[^ ]+", LOCK, re.MULTILINE))
    files = [file for each in DOCUMENT["components"] for file in each["externalReferences"]]
    hashes = [hashed["content"] for file in files for hashed in file["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


def test_bill_has_what_cyclonedx_requires() -> None:
    assert (DOCUMENT["bomFormat"], DOCUMENT["specVersion"]) == ("CycloneDX", "1.6")
    layer = DOCUMENT["metadata"]["component"]
    components = [layer, *DOCUMENT["components"]]
    assert all({"type", "name", "bom-ref"} <= each.keys() for each in components)
    references = [each["bom-ref"] for each in components]
    assert len(set(references)) == len(references)
    (tree,) = DOCUMENT["dependencies"]
    assert {tree["ref"], *tree["dependsOn"]} == set(references)
