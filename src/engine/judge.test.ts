/** The policy is replaced while a request is read: what is decided afterwards is decided by the new one. */
import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { startFakeGateway } from '../../test/support/fake-gateway.ts';
import { handle } from '../../test/support/handle.ts';
import { policy, when } from '../../test/support/policy.ts';
import type { Policy } from '../core/policy.ts';
import { score } from '../core/signal.ts';

const home = {
  name: 'home',
  when: when('true', () => true),
  require: { locality: 'local' },
} as const;

/** Each policy is in force until the request was read once under it; the last one stays. */
function replaced(...policies: readonly Policy[]) {
  const left = [...policies];
  const read: string[] = [];
  const gateway = startFakeGateway({
    activePolicy: () => {
      const [active] = left;
      const evaluate = () => {
        read.push(active!.name);
        if (left.length > 1) left.shift();
        return score(1, 'given');
      };
      return { policy: active!, signals: [{ name: 'complexity', about: '', evaluate }] };
    },
  });
  return { ...gateway, read };
}

test('a constraint that is added while a request is read holds for it', async () => {
  const added = policy({ name: 'after', version: '000000000001', constraints: [home] });
  const { gateway, cloud, local, records, read } = replaced(policy({ name: 'before' }), added);
  await handle(gateway, call());
  expect([cloud.seen.asked, local.seen.asked]).toEqual([0, 1]);
  expect(read).toEqual(['before', 'after']);
  expect(records).toMatchObject([{ decision: { policy: { name: 'after' } } }]);
});

test('where it is replaced again and again nothing is sent', async () => {
  const all = Array.from({ length: 9 }, (_, at) => policy({ name: `p${at}` }));
  const { gateway, cloud, local, records, read } = replaced(...all);
  await expect(handle(gateway, call())).rejects.toMatchObject({
    code: 'gateway_state_unavailable',
  });
  expect([cloud.seen.asked, local.seen.asked]).toEqual([0, 0]);
  expect(read).toHaveLength(5);
  expect(records).toMatchObject([{ status: 503 }]);
});
