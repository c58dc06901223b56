"""`python -m openapi`: write the document."""

from openapi.document import PATH, text

PATH.write_text(text(), encoding="utf-8")
