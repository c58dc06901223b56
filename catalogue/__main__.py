"""`python -m catalogue`: write the site to build/catalogue."""

from catalogue.site import FOLDER, write

write(FOLDER)
