#!/usr/bin/env -S node --max-semi-space-size=16
/** Runs the command that is named. */
import { enableCompileCache } from 'node:module';
import { root } from './commands/root.ts';
import { runMain } from './commands/run-main.ts';
import { version } from './version.ts';

// Before the commands are imported: from the second start on they are not compiled again.
enableCompileCache();

await runMain(root, process.argv.slice(2), { version, defaultCommand: 'serve' });
