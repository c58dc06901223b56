"""Patches to moto's internals, one module per service.

moto is pinned to exactly 5.2.5; `test_moto_patches.py` fails when a patched name or signature changes.
"""
