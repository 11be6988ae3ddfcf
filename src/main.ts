#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=32768 node --max-semi-space-size=16
/** Runs the command that is named. */
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { root } from './commands/root.ts';
import { runMain } from './commands/run-main.ts';
import { version } from './version.ts';

// Before the commands are imported: from the second start on they are not compiled again.
enableCompileCache();

// Else V8 soon puts what each request makes among what stays, where it keeps alive all that it points to.
setFlagsFromString('--no-allocation-site-pretenuring');

// A quarter of the usual: each request runs through code that is called once for it, and would stay half optimised for its first thousands.
setFlagsFromString('--invocation-count-for-turbofan=800');

// What was given on the command line is the main thread's; of other threads each says what it needs, which the flag would override.
setFlagsFromString('--max-semi-space-size=0');

await runMain(root, process.argv.slice(2), { version, defaultCommand: 'serve' });
