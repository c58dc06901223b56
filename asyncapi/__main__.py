"""`python -m asyncapi`: write the document."""

from asyncapi.document import PATH, text

PATH.write_text(text(), encoding="utf-8")
