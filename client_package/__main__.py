"""`python -m client_package`: write the contracts of the client package."""

from client_package.copies import FOLDER, files

written = files()
for path, text in written.items():
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
for path in {*FOLDER.rglob("*.py")} - written.keys():
    path.unlink()
