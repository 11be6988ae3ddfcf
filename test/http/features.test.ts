/** `store.features`: records hold what the judge saw, never of what must stay here; and a policy that learned decides by it. */
import { expect, test } from 'vitest';
import { corrected, unpackSeen } from '../../src/core/learned-head.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import type { Reading } from '../../src/core/signal.ts';
import { simulator } from '../../src/analysis/simulate.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { judgeInForce } from '../../src/signals/complexity/index.ts';
import { signalNames } from '../../src/signals/index.ts';
import { dictionary } from '../../src/stores/write-behind/dictionary.ts';
import { rowPacker, toBytes } from '../../src/stores/write-behind/packed-rows.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type Setup,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

async function started(setup: Setup = {}): Promise<WholeGateway> {
  return await open({ features: true, store: 'sqlite', ...setup });
}

type Score = Extract<Reading, { kind: 'score' }>;

function judgedIn({ readings }: UsageRecord): Score {
  const reading = readings['complexity'];
  if (reading?.kind !== 'score') throw new Error('not judged');
  return reading;
}

async function recorded(whole: WholeGateway, text: string, more = {}): Promise<UsageRecord> {
  const answer = await whole.chat(text, more);
  await answer.text();
  return await whole.record(answer);
}

const STAYS = `constraints:
  - { name: secret-stays, when: 'request.maxTokens == 77', require: { locality: local } }
  - { name: masked, when: 'signals.pii > 0.5', redact: [email] }`;

test('a record holds what the judge saw, in at most 160 bytes', async () => {
  const whole = await started();
  const record = await recorded(whole, EASY);
  const { seen, ...complexity } = judgedIn(record);
  expect(seen?.judge).toBe(judgeInForce().version);
  const without = { ...record, readings: { ...record.readings, complexity } };
  const packed = rowPacker(dictionary());
  // a word is written with the first row that has it
  packed(record);
  const [more, less] = [record, without].map((row) => toBytes(packed(row)).length);
  expect(more! - less!).toBeGreaterThan(50);
  expect(more! - less!).toBeLessThanOrEqual(160);
});

test('not where it is not configured, of what must stay here, or of what leaves masked', async () => {
  const off = await started({ features: false });
  expect(judgedIn(await recorded(off, EASY)).seen).toBeUndefined();
  const whole = await started({ policy: simplePolicy(STAYS) });
  expect(judgedIn(await recorded(whole, HARD, { max_tokens: 77 })).seen).toBeUndefined();
  expect(judgedIn(await recorded(whole, `${EASY} I am bo@exemple.fr.`)).seen).toBeUndefined();
  expect(judgedIn(await recorded(whole, EASY)).seen).toBeDefined();
});

test('whoever asks how it would be decided is not shown the numbers', async () => {
  const whole = await started();
  const shown = await whole.post('/v1/route', {
    model: 'auto',
    messages: [{ role: 'user', content: EASY }],
  });
  expect(shown.status).toBe(200);
  expect(await shown.text()).not.toContain('"seen"');
});

test('a policy that learned decides by it, live, in explanations and when it is replayed', async () => {
  const plain = await recorded(await started(), EASY);
  const { version, numbers } = judgeInForce();
  const weights = Array.from({ length: numbers }, (_, at) => (at === 0 ? 1 : 0.1));
  const learned = { judge: version, bias: 4, weights };
  const text = simplePolicy(`learned: ${JSON.stringify(learned)}`);
  const whole = await started({ policy: text });
  const record = await recorded(whole, EASY);
  const judged = judgedIn(record);
  const before = judgedIn(plain);
  expect(judged.before).toBe(before.score);
  expect(judged.score).toBe(corrected(before.score, learned, unpackSeen(before.seen!)));
  expect(record.decision).toMatchObject({ complexity: judged.score, wanted: 'large' });
  expect(plain.decision).toMatchObject({ wanted: 'small' });
  const shown = await whole.post('/v1/route', {
    model: 'auto',
    messages: [{ role: 'user', content: EASY }],
  });
  expect(await shown.json()).toMatchObject({ tier: 'large' });
  const policy = loadPolicy(
    { text, file: 'p.yaml' },
    {
      upstreams: undefined,
      signals: signalNames,
      thresholdFor: () => ({ value: 0.4, from: 'the test' }),
    },
  );
  const accountant = { price: () => ({ cost: null, energy: null }) };
  const replay = simulator({ policy, known: [], keptQuality: () => 1, accountant });
  replay.add(plain);
  const { records, flipped } = replay.result();
  expect([records.learnedUnread, flipped.count]).toEqual([0, 1]);
});

test('a policy that was learned for a judge of other weights does not start', async () => {
  const learned = { judge: '0123456789ab', bias: 0, weights: [0] };
  const policy = simplePolicy(`learned: ${JSON.stringify(learned)}`);
  await expect(startTestGateway({ policy })).rejects.toThrow('run `smallfirst learn` again');
});
