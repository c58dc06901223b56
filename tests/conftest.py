"""Garbage is looked for rarely: tests hold much, most of it to the end of their file.

To go through all of it again and again took a twelfth of their time.
https://docs.python.org/3/library/gc.html#gc.set_threshold
"""

import gc

gc.set_threshold(100_000, 50, 50)
