/** A share of small answers is compared with the large model's, off the path, and never what must stay here. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeFile } from '../../src/offline.ts';
import type { JudgeCard } from '../../src/core/audit.ts';
import { sealedJudge } from '../../src/quality/judge-card.ts';
import { textIn, objectsIn } from '../../src/lib/json.ts';
import { EASY, simplePolicy, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const SMALL = 'You are welcome! Ask again whenever you like.';
const LARGE = 'With pleasure, and until next time.';
const AUDITS = 'audits: { share: 1, usdPerDay: 5 }';

const card = (sensitivity = 190, specificity = 190): JudgeCard =>
  sealedJudge({
    format: 1,
    model: 'gpt-4o',
    measuredAt: '2026-01-01T00:00:00.000Z',
    pairs: 'test',
    sensitivity: { right: sensitivity, of: 200 },
    specificity: { right: specificity, of: 200 },
  });

interface Given {
  /** What the judge says, given what it was asked. */
  readonly judge?: (question: string) => string;
  readonly judgeCard?: JudgeCard | 'none';
  readonly policy?: string;
  readonly small?: string;
  readonly large?: string;
  readonly setup?: Partial<Setup>;
}

/** Prefers the answer that is in the large model's words. */
const prefersLarge = (question: string): string =>
  question.indexOf(LARGE) < question.indexOf(SMALL) ? 'A' : 'B';

async function started({
  judge = prefersLarge,
  judgeCard = card(),
  policy = AUDITS,
  small = SMALL,
  large = LARGE,
  setup = {},
}: Given = {}): Promise<WholeGateway> {
  const cache = await mkdtemp(join(tmpdir(), 'smallfirst-judge-'));
  if (judgeCard !== 'none') {
    await mkdir(join(cache, 'models'), { recursive: true });
    for (const folder of [cache, join(cache, 'models')])
      await writeFile(join(folder, judgeFile('gpt-4o')), JSON.stringify(judgeCard));
  }
  return await open({
    local: { behaviour: () => ({ kind: 'answer', text: small }) },
    cloud: {
      behaviour: ({ body }) => {
        const asked = textIn(objectsIn(body['messages']).at(-1)?.['content']);
        const isJudging = asked.startsWith('Two assistants');
        return { kind: 'answer', text: isJudging ? judge(asked) : large };
      },
    },
    policy: simplePolicy(policy),
    env: { SMALLFIRST_CACHE: cache },
    ...setup,
  });
}

/** The audit's record, once it is written. */
async function auditOf(whole: WholeGateway, answer: Response) {
  const id = `${answer.headers.get('x-request-id')}_audit`;
  for (;;) {
    const found = await fetch(`${whole.gateway.url}/admin/requests/${id}`);
    if (found.ok) return (await found.json()) as Awaited<ReturnType<WholeGateway['record']>>;
    await found.text();
  }
}

const metricsOf = async (whole: WholeGateway): Promise<string> =>
  (await fetch(`${whole.gateway.url}/metrics`)).text();

test.each([false, true])('an answer is compared in both orders (stream: %s)', async (stream) => {
  const whole = await started();
  const answer = await whole.chat(EASY, { stream });
  expect(await answer.text()).toContain('welcome');
  const record = await auditOf(whole, answer);
  expect(record.audit).toMatchObject({ compared: 'worse', by: 'judge', propensity: 1 });
  expect(record.shadowOf).toBe(answer.headers.get('x-request-id'));
  // the large answer and two judgements, each a line of its own with what it cost
  expect(record.attempts.map(({ kind, tier }) => `${kind} ${tier}`)).toEqual(
    Array.from({ length: 3 }, () => 'audit large'),
  );
  expect(whole.cloud.requests).toHaveLength(3);
  expect(record.attempts.every(({ cost }) => cost !== null)).toBe(true);
  expect(await metricsOf(whole)).toContain(
    'smallfirst_audits_total{compared="worse",by="judge"} 1',
  );
  // no request of the caller's
  expect(await metricsOf(whole)).toMatch(/smallfirst_requests_total\{[^}]*tier="small"[^}]*\} 1/);
});

test('the same words need no judge', async () => {
  const whole = await started({ large: 'you are welcome ask again whenever you like' });
  const answer = await whole.chat(EASY);
  await answer.text();
  const record = await auditOf(whole, answer);
  expect(record.audit).toMatchObject({ compared: 'same', by: 'grader' });
  expect(whole.cloud.requests).toHaveLength(1);
});

test('a judge that says the same letter in both orders calls it a tie', async () => {
  const whole = await started({ judge: () => 'A' });
  const answer = await whole.chat(EASY);
  await answer.text();
  expect((await auditOf(whole, answer)).audit).toMatchObject({ compared: 'same' });
});

test('nonsense is no verdict', async () => {
  const whole = await started({ judge: () => 'I would rather not say' });
  const answer = await whole.chat(EASY);
  await answer.text();
  expect(await auditOf(whole, answer)).not.toHaveProperty('audit');
  expect(await metricsOf(whole)).toContain(
    'smallfirst_audits_omitted_total{cause="judge-nonsense"} 1',
  );
});

test.each([
  [
    'kept here by a constraint',
    {
      policy: `${AUDITS}\nconstraints: [{ name: here, when: "true", require: { locality: local } }]`,
    },
    'kept-here',
  ],
  ['a judge that was not measured', { judgeCard: 'none' as const }, 'judge-stopped'],
  ['a judge that finds too little', { judgeCard: card(139) }, 'judge-stopped'],
  ['a judge that finds too much', { judgeCard: card(190, 139) }, 'judge-stopped'],
  ['a day without money', { policy: 'audits: { share: 1, usdPerDay: 0 }' }, 'budget'],
])('nothing is sent: %s', async (_, given, cause) => {
  const whole = await started(given);
  const answer = await whole.chat(EASY);
  await answer.text();
  expect(await metricsOf(whole)).toContain(`smallfirst_audits_omitted_total{cause="${cause}"} 1`);
  expect(whole.cloud.requests).toHaveLength(0);
});

const MARIA = 'Her address is maria.lopez@telefonica.es.';
const personal = (then: string): string =>
  `${AUDITS}\nconstraints: [{ name: personal, when: "signals.pii >= 0.5", ${then} }]`;

test('a small answer that holds what must stay here is not shown to a judge elsewhere', async () => {
  const whole = await started({ small: MARIA, policy: personal('require: { locality: local }') });
  await (await whole.chat(EASY)).text();
  await expect
    .poll(() => metricsOf(whole))
    .toContain('smallfirst_audits_omitted_total{cause="kept-here"} 1');
  // the large model's own answer
  expect(whole.cloud.requests).toHaveLength(1);
  expect(JSON.stringify(whole.cloud.requests)).not.toContain('maria');
});

test('what is masked in a request is masked in an answer that is judged elsewhere', async () => {
  const whole = await started({
    small: MARIA,
    policy: personal('redact: all'),
    judge: () => 'T',
  });
  const answer = await whole.chat(EASY);
  await answer.text();
  expect((await auditOf(whole, answer)).audit).toMatchObject({ compared: 'same' });
  expect(whole.cloud.requests).toHaveLength(3);
  expect(JSON.stringify(whole.cloud.requests)).not.toContain('maria');
});

test('without `audits`, and with a share of 0, nothing is compared', async () => {
  for (const policy of ['', 'audits: { share: 0 }']) {
    const whole = await started({ policy });
    await (await whole.chat(EASY)).text();
    expect(await metricsOf(whole)).not.toMatch(/smallfirst_audits(?:_omitted)?_total\{/);
    expect(whole.cloud.requests).toHaveLength(0);
  }
});

test('worse answers make a promised threshold stricter at once', async () => {
  const whole = await started({
    setup: {
      policy: `name: test
objective: { worseThanLarge: 0.02 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
rules: [{ name: easy, when: "request.turns > 0", use: small }]
${AUDITS}
`,
    },
  });
  const route = await whole.post('/v1/route', {
    model: 'auto',
    messages: [{ role: 'user', content: EASY }],
  });
  const before = (await route.json()) as { threshold: { value: number; from: string } };
  expect(before.threshold.from).toContain('0 of ');
  for (let at = 0; at < 8; at += 1) {
    const answer = await whole.chat(EASY);
    await answer.text();
    await auditOf(whole, answer);
  }
  const again = await whole.post('/v1/route', {
    model: 'auto',
    messages: [{ role: 'user', content: EASY }],
  });
  const after = (await again.json()) as typeof before;
  expect(after.threshold.value).toBeLessThan(before.threshold.value);
  expect(whole.said.join('\n')).toContain('The threshold falls to');
  expect(await metricsOf(whole)).toContain(
    'smallfirst_small_answers_kept_ratio{bound="objective"} 0.98',
  );
});
