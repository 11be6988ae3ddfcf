/** Runs with each file of tests: what it has started and not stopped is stopped after it. */
import { afterAll } from 'vitest';
import { killLeftOver } from './gateway-process.ts';

afterAll(killLeftOver);
