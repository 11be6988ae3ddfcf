/** Drafts in streams that are cut at any byte, break, or are hung up on: the caller sees one answer, whole and unchanged, or none of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Call } from '../src/core/call.ts';
import { surelyWrittenIn } from '../src/signals/language/shipped.ts';
import { createVerifier } from '../src/verify/index.ts';
import { call } from './support/call.ts';
import { cutUpstream, type CutStream, type CutUpstream } from './support/cut-upstream.ts';
import { iterated } from './support/event-streams.ts';
import { startFakeGateway } from './support/fake-gateway.ts';

const RUNS = 1500;
const PATIENCE_MS = 120_000;
const verifier = createVerifier({ languageOf: surelyWrittenIn() });
const POLICY = {
  verify: {
    checks: ['empty', 'refusal', 'repetition', 'template', 'cut'],
    wrongAbove: 0.5,
    hold: { tokens: 12, ms: 10_000 },
    onFail: 'escalate',
    onUndecided: 'release',
    onKept: 'give',
    afterRelease: 'record',
    maxShare: 1,
    waitUsdPerHour: 0,
  },
} as const;

const GOOD =
  'You are welcome! 🙂 Is there anything else that you would like to know about it today?';
const BAD = [
  "I'm sorry, but I can't help with that request, DRAFT.",
  // still being written when it is replaced
  `I'm sorry, but I can't help with that request, DRAFT. ${'I hope that you find it elsewhere. '.repeat(5)}`,
  '',
  'DRAFT-again-and-again-'.repeat(40),
  'DRAFT <|im_start|>assistant of somebody',
];

interface Said {
  readonly text: string;
  readonly id: string;
  readonly tokens: number;
}

/** A stream in chat's shape, as bytes. */
function streamOf({ text, id, tokens }: Said): Buffer {
  const head = { id, object: 'chat.completion.chunk', created: 1, model: id };
  const event = (more: object): string => `data: ${JSON.stringify({ ...head, ...more })}\n\n`;
  const choice = (delta: object, reason: string | null): string =>
    event({ choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  const usage = { prompt_tokens: 5, completion_tokens: tokens, total_tokens: 5 + tokens };
  return Buffer.from(
    [
      choice({ role: 'assistant', content: '' }, null),
      ...text.split(/(?<= )/).map((content) => choice({ content }, null)),
      choice({}, 'stop'),
      event({ choices: [], usage }),
      'data: [DONE]\n\n',
    ].join(''),
  );
}

const SMALL_ID = 'chatcmpl-DRAFT-7';
const LARGE = streamOf({ text: 'The large model says it.', id: 'chatcmpl-large', tokens: 6 });

const cuts = fc.array(fc.nat(20_000), { maxLength: 40 });
const anyStream = fc.record({
  isGood: fc.boolean(),
  bad: fc.constantFrom(...BAD),
  cuts,
  largeCuts: cuts,
  breaksAfter: fc.option(fc.nat(12), { nil: undefined, freq: 4 }),
});

interface Received {
  readonly bytes: string;
  readonly failed: boolean;
}

async function receive(
  setup: { readonly local: CutUpstream; readonly cloud: CutUpstream },
  { leavesAfter = Infinity, abort = new AbortController() } = {},
): Promise<Received & { readonly started: ReturnType<typeof startFakeGateway> }> {
  const started = startFakeGateway({ ...setup, policy: POLICY, verifier });
  const asked: Call = call({ stream: true, wantsUsage: true });
  const parts: Uint8Array[] = [];
  let failed = false;
  try {
    const routed = await started.gateway.route(asked);
    const { answer } = await routed.answer(abort.signal);
    if (answer.kind !== 'stream') throw new Error(`a ${answer.kind} answer`);
    const events = iterated(answer.events);
    for (let n = 0; n < leavesAfter; n += 1) {
      const step = await events.next();
      if (step.done === true) break;
      parts.push(step.value.bytes);
    }
    if (leavesAfter !== Infinity) await events.return?.();
  } catch {
    failed = true;
  }
  return { bytes: Buffer.concat(parts).toString(), failed, started };
}

test(
  'of an escalated draft nothing reaches the caller, and an accepted one arrives unchanged',
  { timeout: PATIENCE_MS },
  async () => {
    const seen = { accepted: 0, escalated: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(anyStream, async ({ isGood, bad, cuts: places, largeCuts, breaksAfter }) => {
        const small = streamOf({ text: isGood ? GOOD : bad, id: SMALL_ID, tokens: 77 });
        const local = cutUpstream('local', { bytes: small, cuts: places, breaksAfter });
        const cloud = cutUpstream('cloud', { bytes: LARGE, cuts: largeCuts });
        const { bytes, failed, started } = await receive({ local, cloud });
        const [record] = started.records;
        if (cloud.seen.asked > 0) {
          expect(bytes).toBe(LARGE.toString());
          expect(bytes).not.toMatch(/DRAFT|77/);
          seen.escalated += 1;
        } else if (failed) {
          // broken after its beginning was passed on: never mixed, never called complete
          expect(small.toString().startsWith(bytes)).toBe(true);
          expect(bytes).not.toContain('[DONE]');
          seen.broken += 1;
        } else {
          expect(isGood).toBe(true);
          expect(bytes).toBe(small.toString());
          seen.accepted += 1;
        }
        expect(started.records).toHaveLength(1);
        expect(record!.attempts.filter(({ kind }) => kind !== 'draft').length).toBeGreaterThan(0);
        expect([local.running(), cloud.running()]).toEqual([0, 0]);
      }),
      { numRuns: RUNS },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 100);
  },
);

const BOTH: CutStream[] = [
  { bytes: streamOf({ text: GOOD, id: SMALL_ID, tokens: 77 }), cuts: [] },
  { bytes: streamOf({ text: BAD[0]!, id: SMALL_ID, tokens: 77 }), cuts: [] },
];

test.each(BOTH)('a draft cut at every byte in turn gives the same (%#)', async (stream) => {
  const cloudStream = { bytes: LARGE, cuts: [] };
  const whole = await receive({
    local: cutUpstream('local', stream),
    cloud: cutUpstream('cloud', cloudStream),
  });
  for (let at = 1; at < stream.bytes.length; at += 1) {
    const { bytes } = await receive({
      local: cutUpstream('local', { ...stream, cuts: [at] }),
      cloud: cutUpstream('cloud', cloudStream),
    });
    expect(bytes).toBe(whole.bytes);
  }
});

test(
  'a caller who leaves, at any event, leaves no call running',
  { timeout: PATIENCE_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(anyStream, fc.nat(12), fc.boolean(), async (one, leavesAfter, isGone) => {
        const text = one.isGood ? GOOD : one.bad;
        const bytes = streamOf({ text, id: SMALL_ID, tokens: 77 });
        const local = cutUpstream('local', { bytes, cuts: one.cuts });
        const cloud = cutUpstream('cloud', { bytes: LARGE, cuts: one.largeCuts });
        const abort = new AbortController();
        if (isGone) abort.abort();
        const { started } = await receive({ local, cloud }, { leavesAfter, abort });
        expect([local.running(), cloud.running()]).toEqual([0, 0]);
        expect(started.records).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  },
);
