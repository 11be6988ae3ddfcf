#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=32768 node --max-semi-space-size=16
/** The program of the package. It imports nothing before it knows that this Node can run the rest. */
const NEEDED = 24;
const found = Number(process.versions.node.split('.')[0]);

if (found >= NEEDED) {
  const { noteSighups } = await import('./commands/early-sighup.ts');
  noteSighups(process.argv.slice(2));
  await import('./main.ts');
} else {
  process.stderr.write(
    `smallfirst needs Node ${NEEDED} or later, and this is ${process.version}: install it from https://nodejs.org, or run \`npx -p node@${NEEDED} -p smallfirst smallfirst\`.\n`,
  );
  process.exitCode = 1;
}
