// Run Python as a browser has it, under Node.js: `node lite/python.mjs SITE SCRIPT WORDS...` from the source tree's top.
// SITE is a folder of unpacked wheels. The status is the script's.
import { loadPyodide } from "pyodide";

const [site, script, ...words] = process.argv.slice(2);
const python = await loadPyodide();
for (const [name, folder] of [
  ["/src", process.cwd()],
  ["/site", site],
]) {
  python.FS.mkdirTree(name);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, name);
}
python.FS.chdir("/src");
python.globals.set("words", python.toPy([script, ...words]));
process.exitCode = python.runPython(`
import runpy, sys
sys.argv, sys.path[:0], sys.dont_write_bytecode = words, ["/src", "/site"], True
status = 0
try:
    runpy.run_path(words[0], run_name="__main__")
except SystemExit as end:
    status = end.code if isinstance(end.code, int) else int(end.code is not None)
status
`);
