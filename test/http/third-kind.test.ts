/** A kind of upstream that nothing in `src/` knows: configured, built, and asked through the whole gateway. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkAll } from '../../src/commands/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { UpstreamConfig, UpstreamKind } from '../../src/core/upstream-kind.ts';
import type { Upstream } from '../../src/core/upstream.ts';
import { secretText, upstreamName } from '../../src/core/config-texts.ts';
import { formatProblem } from '../../src/lib/problems.ts';
import type { Secret } from '../../src/lib/secret.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { simplePolicy, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

interface ParrotConfig extends UpstreamConfig {
  readonly kind: 'parrot';
  readonly times: number;
  readonly password: Secret | undefined;
  readonly tags: readonly { readonly plumage: string }[];
}

const schema = z.strictObject({
  name: upstreamName,
  kind: z.literal('parrot'),
  locality: z.literal('local').default('local'),
  model: z.string().min(1),
  times: z.int().min(1).max(3).default(2),
  password: secretText,
  plumage: z.exactOptional(z.string()),
});

const parrot: UpstreamKind<z.output<typeof schema>, ParrotConfig> = {
  kind: 'parrot',
  hint: 'says what it hears',
  schema,
  resolve: ({ plumage = 'green', ...raw }, { secret }) => ({
    ...raw,
    kind: 'parrot',
    password: secret('password'),
    tags: [{ plumage }],
  }),
  problems: ({ model }, { problem }) =>
    model === 'dead' ? [problem('model', '`dead` answers nothing; name a living one')] : [],
  runsHere: ({ times }) => times < 3,
  build: (config) => Promise.resolve(parrotUpstream(config)),
};

function parrotUpstream({ name, locality, model, times, password, tags }: ParrotConfig): Upstream {
  return {
    name,
    kind: 'parrot',
    locality,
    facts: () => ({ locality, model, models: [model], capabilities: new Set(['chat']) }),
    send: ({ call }) => {
      const heard = JSON.stringify(call.body['messages']).includes('Hello') ? 'Hello!' : '?';
      const content = `${heard.repeat(times)} ${tags[0]?.plumage} ${password?.reveal()}`;
      const message = { role: 'assistant', content };
      const body = {
        id: 'p',
        object: 'chat.completion',
        created: 1,
        model,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      };
      const bytes = Buffer.from(JSON.stringify(body));
      return Promise.resolve({ kind: 'whole', headers: {}, body, bytes });
    },
    probe: () => Promise.resolve({ ok: true, detail: 'awake' }),
    close: () => Promise.resolve(),
  };
}

const kinds = [...upstreamKinds, parrot];

describe('configured', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-kind-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const env = { WORD: 'cracker-7f3a9', TIMES: '3' };
  const load = (line: string) => {
    writeFileSync(join(folder, 'smallfirst.yaml'), `upstreams:\n  - { ${line} }\n`);
    return loadConfig({ file: 'smallfirst.yaml', env, cwd: folder, kinds });
  };

  test('with its defaults, and its secret from the environment', () => {
    const { upstreams } = load('name: polly, kind: parrot, model: grey, password: "${WORD}"');
    expect(upstreams).toMatchObject({
      list: [{ kind: 'parrot', locality: 'local', times: 2, tags: [{ plumage: 'green' }] }],
    });
    expect(JSON.stringify(upstreams)).toContain('"password":"[secret]"');
    expect(JSON.stringify(upstreams)).not.toContain('7f3a9');
    if (upstreams.kind !== 'configured') return expect.fail('it is configured');
    const [polly] = upstreams.list;
    expect((polly as ParrotConfig).password?.reveal()).toBe(env.WORD);
    for (const each of [polly, (polly as ParrotConfig).tags])
      expect(Object.isFrozen(each)).toBe(true);
  });

  test('with a number from the environment', () => {
    const { upstreams } = load(
      'name: p, kind: parrot, model: grey, password: "${WORD}", times: "${TIMES}"',
    );
    expect(upstreams).toMatchObject({ list: [{ times: 3 }] });
  });

  const OWN = 'name: p, kind: parrot, model: grey, password: "${WORD}"';

  test.each([
    [`${OWN}, times: 4`, '2:71  `upstreams[0].times` must be at most 3'],
    [`${OWN}, tims: 2`, '2:64  unknown key `tims`; did you mean `times`?'],
    [
      `${OWN}, url: http://x`,
      '2:64  unknown key `url`; possible: `name`, `kind`, `locality`, `model`, `times`',
    ],
    [
      'name: p, kind: parrot, model: dead, password: "${WORD}"',
      '2:37  `dead` answers nothing; name a living one',
    ],
    [
      'name: p, kind: parrot, model: grey, password: cracker',
      '2:53  `upstreams[0].password` is written out here; keep it out of the file',
    ],
    ['name: p, kind: parrot, model: grey', '2:5  `upstreams[0].password` is missing'],
    [
      'name: p, kind: parrot, model: grey, password: "${NONE:-}"',
      '2:53  `upstreams[0].password` is empty',
    ],
    [
      'name: p, kind: parot, model: grey, password: cracker',
      "2:22  `upstreams[0].kind` must be `openai` (any server that speaks its API), `llama-cpp`, `anthropic` (Anthropic's own API) or `parrot` (says what it hears)",
    ],
    [
      'name: p, kind: parot, model: grey, password: cracker',
      '2:52  `upstreams[0].password` is written out here',
    ],
  ])('%s is refused with its place', (line, message) => {
    expect(() => load(line)).toThrow(`smallfirst.yaml:${message}`);
  });

  test('check says the same', () => {
    load(OWN);
    const checked = checkAll({
      config: 'smallfirst.yaml',
      policy: 'observe',
      env,
      cwd: folder,
      models: [],
      kinds,
      signals: ['complexity', 'pii', 'domain', 'language', 'stakes'],
      thresholdsWith: () => () => ({ value: 0.5, from: 'test' }),
    });
    expect(checked.lines[0]).toContain('upstreams p; auth open: ok');
    writeFileSync(join(folder, 'smallfirst.yaml'), `upstreams: [{ ${OWN}, times: 0 }]`);
    const { problems } = checkAll({
      config: 'smallfirst.yaml',
      policy: 'observe',
      env,
      cwd: folder,
      models: [],
      kinds,
      signals: [],
      thresholdsWith: () => () => ({ value: 0.5, from: 'test' }),
    });
    expect(problems.map(formatProblem)).toContain(
      'smallfirst.yaml:1:79  `upstreams[0].times` must be at least 1',
    );
  });
});

describe('through the whole gateway', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({
      kinds,
      env: { WORD: 'cracker' },
      config: `  - { name: polly, kind: parrot, model: grey, password: "\${WORD}", plumage: red }
  - { name: far, kind: parrot, model: macaw, times: 3, password: "\${WORD}" }
energy: { meter: modelled, tdpWatts: 40 }`,
      policy: simplePolicy().replace('upstream: local', 'upstream: polly'),
    });
  });
  afterAll(() => whole.close());

  test('it answers a routed request, which leaves a record', async () => {
    const answer = await whole.chat('Hello');
    const body = (await answer.json()) as { choices: { message: { content: string } }[] };
    expect(body.choices[0]?.message.content).toBe('Hello!Hello! red cracker');
    const record = await whole.record(answer);
    expect(record.attempts).toMatchObject([{ upstream: 'polly', model: 'grey', outcome: 'ok' }]);
    expect([...whole.local.requests, ...whole.cloud.requests]).toEqual([]);
  });

  test('the meter of this machine sees it where its kind says that it runs here', async () => {
    const here = await whole.record(await whole.chat('Hello'));
    expect(here.attempts[0]?.energy?.source).toContain('processor of 40 W');
    const far = await whole.record(await whole.chat('Hello', { model: 'far/macaw' }));
    expect(far.attempts).toMatchObject([{ upstream: 'far', outcome: 'ok' }]);
    expect(far.attempts[0]?.energy?.source).not.toContain('processor of 40 W');
  });
});
