"""`python -m contract_files`: write every generated file."""

from contract_files.files import files

for path, text in files().items():
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(), encoding="utf-8")
