/**
 * What the one file runs first: unpacks the program into the cache, once for each build, and starts it from there. A script in an executable cannot
 * `import()` a file, so a CommonJS file of the unpacked program does.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { homedir } = require('node:os');
const { dirname, join } = require('node:path');
const { getRawAsset } = require('node:sea');
const { gunzipSync } = require('node:zlib');

const packed = Buffer.from(getRawAsset('program'));
const digest = createHash('sha256').update(packed).digest('hex').slice(0, 16);
const { SMALLFIRST_CACHE: cache } = process.env;
const folder = join(cache || join(homedir(), '.cache', 'smallfirst'), 'program', digest);

/** The length of an index, the index as JSON, and the files that it lists, one after another: see build.ts. */
function unpack(into) {
  const bytes = gunzipSync(packed);
  const length = bytes.readUInt32BE(0);
  let at = 4 + length;
  for (const { path, size } of JSON.parse(bytes.toString('utf8', 4, at))) {
    const file = join(into, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes.subarray(at, at + size));
    at += size;
  }
}

function prepare() {
  if (existsSync(folder)) return;
  const making = `${folder}.${process.pid}`;
  try {
    unpack(making);
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process that started for the first time was faster.
    if (existsSync(folder)) return;
    const why = error.code === 'ENOSPC' ? 'the disk is full: free 100 MB' : error.message;
    process.stderr.write(
      `smallfirst: the program cannot be unpacked into ${folder} (${why}), or set SMALLFIRST_CACHE to a folder that can be written.\n`,
    );
    process.exit(1);
  }
}

prepare();
createRequire(join(folder, 'package.json'))('./boot.cjs');
