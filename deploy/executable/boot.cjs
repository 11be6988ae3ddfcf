/** Beside the unpacked program: imports it, or the script that a library forked this executable with in the belief that it is Node. */
const { pathToFileURL } = require('node:url');

const script = process.argv[2] ?? '';
if (process.send !== undefined && /\.[cm]?js$/.test(script)) {
  process.argv.splice(1, 1);
  void import(pathToFileURL(script).href);
} else void import('./dist/bin.js');
