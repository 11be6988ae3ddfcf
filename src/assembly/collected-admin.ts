/** What `/admin/collected` shows and deletes. */
import { collectedRemoval, type CollectedAdmin } from '../core/admin-collected.ts';
import type { CollectedFilter } from '../core/collect.ts';
import { GatewayError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import type { Log } from '../telemetry/log.ts';
import type { Collecting } from './collecting.ts';
import { checkedBy } from './checked-by.ts';

const DAY_MS = 86_400_000;

interface Tools {
  readonly collecting: Pick<Collecting, 'counts' | 'kept' | 'conversationOf' | 'delete'>;
  readonly policy: () => Pick<Policy, 'collect'>;
  readonly log: Pick<Log, 'info'>;
}

export function collectedAdmin({ collecting, policy, log }: Tools): CollectedAdmin {
  return {
    standing: async () => {
      const { collect } = policy();
      return {
        collects:
          collect === undefined
            ? null
            : { when: collect.when?.source ?? null, retentionDays: collect.retentionDays },
        results: Object.fromEntries(collecting.counts()),
        kept: await collecting.kept(),
      };
    },
    remove: async (given, act) => {
      const { key, request, olderThanDays } = checkedBy(collectedRemoval, given);
      const deleted = await collecting.delete({
        ...(key === undefined ? {} : { caller: key }),
        ...(request === undefined ? {} : await conversation(request, collecting)),
        ...(olderThanDays === undefined ? {} : { beforeMs: act.atMs - olderThanDays * DAY_MS }),
      });
      log.info(`${act.who} deleted ${deleted} collected answers.`);
      return { deleted };
    },
  };
}

async function conversation(
  request: string,
  { conversationOf }: Tools['collecting'],
): Promise<Pick<CollectedFilter, 'conversation'>> {
  const found = await conversationOf(request);
  if (found !== undefined) return { conversation: found };
  throw new GatewayError(
    'caller_invalid',
    'No answer to that request is kept: `request` is the x-request-id of a collected answer.',
  );
}
