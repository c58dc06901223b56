"""`python -m openapi`: write the document anew."""

from openapi.document import PATH, text

PATH.write_text(text(), encoding="utf-8")
