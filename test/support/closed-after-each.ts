/** The end of what a test opens. */
import { afterEach } from 'vitest';
import type { WholeGateway } from './gateway-fixture.ts';

/** For a file of tests: what is pushed here is closed after each of them, one after the other. */
export function closedAfterEach<Open extends { close(): Promise<void> } = WholeGateway>(): Open[] {
  const open: Open[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  return open;
}
