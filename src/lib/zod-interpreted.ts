/**
 * Imported before a schema is made: zod compiles no program for it. A file is read a few times in a process's life, and compiling takes
 * longer than all of them.
 */
import { config } from 'zod';

config({ jitless: true });
