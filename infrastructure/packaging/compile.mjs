// Compile Python sources to bytecode of Python 3.13:
// `node compile.mjs PYODIDE SNAPSHOT < sources.json > bytecode.json`.
// In: {"<file name on Lambda>": "<source>"}. Out: {"<file name>": "<pyc in base64>"}; an error is the exit text.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, snapshot] = process.argv.slice(2);
if (!snapshot) throw new Error("usage: node compile.mjs PYODIDE SNAPSHOT");
const sources = readFileSync(0, "utf8");
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
// Starting Python takes most of the time, so its memory is kept. The two options are Pyodide's internal ones:
// the version is pinned. https://github.com/pyodide/pyodide/blob/main/src/js/pyodide.ts
const isKept = existsSync(snapshot);
const start = isKept ? { _loadSnapshot: readFileSync(snapshot) } : { _makeSnapshot: true };
// A fixed seed: the order of a set in a constant is then the same in every run.
const python = await loadPyodide({ env: { PYTHONHASHSEED: "0" }, ...start });
if (!isKept) {
  const scratch = `${snapshot}.${process.pid}`;
  writeFileSync(scratch, python.makeMemorySnapshot());
  renameSync(scratch, snapshot);
}
python.globals.set("sources", sources);
try {
  process.stdout.write(
    python.runPython(`
import base64, json, py_compile

def compiled(name, source):
    with open("source.py", "w", encoding="utf-8") as file:
        file.write(source)
    # Lambda's copy has other times than this one, so nothing is checked against the source.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    target = py_compile.compile("source.py", "module.pyc", name, doraise=True, invalidation_mode=mode)
    with open(target, "rb") as file:
        return base64.b64encode(file.read()).decode()

json.dumps({name: compiled(name, source) for name, source in json.loads(sources).items()})
`),
  );
} catch (error) {
  process.stderr.write(error.message.split("PyCompileError: ").at(-1));
  process.exitCode = 1;
}
