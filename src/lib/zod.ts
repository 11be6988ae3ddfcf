/** zod for what is read a few times in a process's life: to compile a program for each shape takes longer than to read them all. */
import { config, z } from 'zod';

config({ jitless: true });

export { z };
