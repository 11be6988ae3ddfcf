import { expect, test } from 'vitest';
import { countDeaths } from './deaths.ts';
import { gatherMetrics } from './gather.ts';
import type { Member } from './member.ts';

const member = (): Member => ({ expositions: new Map() }) as unknown as Member;

test('each death is counted by its cause, from a 0 that is there before', async () => {
  const deaths = countDeaths();
  const asked = member();
  const { gather } = gatherMetrics(() => [asked], deaths.text);
  expect(await gather(asked, 'prometheus', '')).toContain('{cause="killed"} 0\n');
  const stuck = member();
  deaths.hung(stuck);
  deaths.died(stuck, 'SIGKILL');
  deaths.died(member(), 'SIGKILL');
  for (const how of [1, 134, 'spawn ENOMEM']) deaths.died(member(), how);
  for (const format of ['prometheus', 'openmetrics'] as const) {
    const lines = (await gather(asked, format, '')).split('\n');
    expect(lines.filter((line) => line.startsWith('smallfirst_worker_deaths_total{'))).toEqual([
      'smallfirst_worker_deaths_total{cause="exited"} 3',
      'smallfirst_worker_deaths_total{cause="killed"} 1',
      'smallfirst_worker_deaths_total{cause="hung"} 1',
    ]);
  }
});
