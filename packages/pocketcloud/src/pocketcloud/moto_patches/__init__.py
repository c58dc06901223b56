"""Where the offline cloud takes over from moto: every name of moto's inside that it replaces, and with what.

All on moto 5.2.5, pinned exactly; `test_moto_patches.py` fails when a name or a signature moves.
"""
