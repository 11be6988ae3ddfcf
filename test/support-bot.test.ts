/**
 * The support bot of `deploy/examples/support-bot` in 60 conversations with scripted models: which model answers, who takes
 * over, and what the ledger says afterwards. `support-conversations.tsv` has the tiers, who takes over, and the messages.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  SupportBot,
  newConversation,
  type Reply,
} from '../deploy/examples/support-bot/typescript/bot-with-knowledge.ts';
import {
  articles,
  findArticles,
  findOrder,
} from '../deploy/examples/support-bot/typescript/knowledge.ts';
import { shareOf } from '../deploy/examples/support-bot/typescript/share.ts';
import { loadConfig } from '../src/config/load.ts';
import { upstreamKinds } from '../src/upstreams/index.ts';
import { startTestGateway, type WholeGateway } from './support/gateway-fixture.ts';

const FOLDER = 'deploy/examples/support-bot';
const KEY = 'support-bot-key-of-the-tests';
const ADMIN = 'admin-key-of-the-tests-only';

interface Line {
  readonly tiers: readonly string[];
  readonly handedTo: string | undefined;
  readonly texts: readonly string[];
}

const lines = readFileSync('test/fixtures/support-conversations.tsv', 'utf8')
  .trim()
  .split('\n')
  .map((line): Line => {
    const [tiers = '', handedTo = '', texts = ''] = line.split('\t');
    return {
      tiers: tiers.split(' '),
      handedTo: handedTo === '-' ? undefined : handedTo,
      texts: texts.split(' / '),
    };
  });

let whole: WholeGateway;
let bot: SupportBot;

beforeAll(async () => {
  whole = await startTestGateway({
    local: {
      behaviour: ({ body }) => {
        const said = JSON.stringify(body['messages']);
        const number = /TK-\d{5}/.exec(said)?.[0];
        if (body['tools'] === undefined || number === undefined || said.includes('"tool"'))
          return undefined;
        return { kind: 'answer', tools: [{ name: 'order_status', arguments: { number } }] };
      },
    },
    policy: readFileSync(join(FOLDER, 'policy.yaml'), 'utf8'),
    env: { BOT_KEY: KEY, ADMIN_KEY: ADMIN },
    config: `auth: { mode: keys, adminKey: '\${ADMIN_KEY}', keys: [{ name: support-bot, key: '\${BOT_KEY}', mayOverride: false }] }`,
  });
  bot = new SupportBot({
    baseURL: `${whole.gateway.url}/v1`,
    apiKey: KEY,
    handovers: join(whole.folder, 'handovers.jsonl'),
  });
});
afterAll(() => whole.close());

async function hold(texts: readonly string[]): Promise<readonly Reply[]> {
  const talk = newConversation();
  const replies: Reply[] = [];
  for (const text of texts) replies.push(await bot.say(talk, text));
  return replies;
}

test('there are 60 conversations', () => {
  expect(lines).toHaveLength(60);
});

describe('a conversation', () => {
  test.each(lines)('$texts', async ({ tiers, handedTo, texts }) => {
    const replies = await hold(texts);
    expect(replies.map(({ tier }) => tier)).toEqual(tiers);
    expect(replies.at(-1)?.handedTo).toBe(handedTo);
    expect(replies.slice(0, -1).map((reply) => reply.handedTo)).toEqual(
      replies.slice(0, -1).map(() => undefined),
    );
  });
});

test('the ledger says what share no person had to see', async () => {
  const share = await shareOf({ url: whole.gateway.url, adminKey: ADMIN, caller: 'support-bot' });
  const handedOver = lines.filter((line) => line.handedTo !== undefined).length;
  expect(share).toEqual({ conversations: 60, handedOver, thumbsUp: 0, thumbsDown: 0 });
});

test('who takes over finds a line for each hand-over, and no text of the customer', async () => {
  const written = readFileSync(join(whole.folder, 'handovers.jsonl'), 'utf8').trim().split('\n');
  const wanted = lines.flatMap(({ handedTo }) => (handedTo === undefined ? [] : [handedTo]));
  expect(written.map((line) => JSON.parse(line).to)).toEqual(wanted);
  expect(written.join('')).not.toMatch(/kill myself|guía/);
});

test('after a hand-over no model is asked', async () => {
  const talk = newConversation();
  await bot.say(talk, 'I want to speak to a human');
  const asked = whole.local.requests.length + whole.cloud.requests.length;
  const reply = await bot.say(talk, 'when do you open?');
  expect(reply).toMatchObject({ tier: null, handedTo: undefined });
  expect(reply.text).toContain('A colleague has your case');
  expect(whole.local.requests.length + whole.cloud.requests.length).toBe(asked);
});

test('an order is looked up by the tool, and its state is what the model reads', async () => {
  await hold(['Where is TK-10482?']);
  const [last, before] = whole.local.requests.slice(-2).toReversed();
  expect(JSON.stringify(before?.body['tools'])).toContain('order_status');
  expect(JSON.stringify(last?.body['messages'])).toContain('is with the courier');
});

test('the articles that fit stand in the prompt, in the language of the customer', async () => {
  await hold(['How much is delivery to the islands?']);
  expect(JSON.stringify(whole.local.requests.at(-1)?.body)).toContain('9.90 euros in the islands');
  await hold(['¿Cuánto cuesta el envío a las islas?']);
  expect(JSON.stringify(whole.local.requests.at(-1)?.body)).toContain('9,90 euros en las islas');
});

test('a card number never leaves this machine', async () => {
  const asked = whole.cloud.requests.length;
  const [reply] = await hold([
    'You are thieves, I was charged twice on my card 4111 1111 1111 1111',
  ]);
  expect(reply).toMatchObject({ tier: 'small', rule: 'pii-stays-local' });
  expect(whole.cloud.requests).toHaveLength(asked);
});

test('thumbs stand beside the request in the ledger', async () => {
  const talk = newConversation();
  await bot.say(talk, 'When do you open on Saturday?');
  await bot.feedback(talk, 1);
  const found = await fetch(`${whole.gateway.url}/admin/requests/${talk.lastRequest}`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  expect(await found.json()).toMatchObject({ caller: 'support-bot', feedback: [{ score: 1 }] });
});

test.each([
  ['When do you open on Saturday?', 'opening-hours'],
  ['¿A qué hora abren el sábado?', 'opening-hours'],
  ['how much is shipping to Ibiza', 'delivery-cost'],
  ['my parcel arrived broken', 'damaged'],
  ['el paquete llegó roto', 'damaged'],
  ['which clay should a beginner take', 'clay-choice'],
  ['¿el esmalte sirve para comer?', 'glaze'],
  ['what socket does the kiln need', 'kiln-power'],
  ['the belt of the wheel slips', 'wheel-care'],
  ['¿cuándo me devuelven el dinero del reembolso?', 'refunds'],
])('"%s" finds the article %s', (question, id) => {
  expect(findArticles(question).map((article) => article.id)).toContain(id);
});

test('there are 25 articles in both languages, and orders are found however they are written', () => {
  expect(articles).toHaveLength(25);
  const empty = articles.filter(({ title, text }) => !(title.en && title.es && text.en && text.es));
  expect(empty).toEqual([]);
  expect([findOrder('tk10482')?.state, findOrder('TK-99999')]).toEqual(['dispatched', undefined]);
});

test('the small bot is 60 lines at most, in both languages', () => {
  for (const file of ['typescript/bot.ts', 'python/bot.py'])
    expect(readFileSync(join(FOLDER, file), 'utf8').split('\n').length).toBeLessThanOrEqual(61);
});

test('its configuration is one that starts', () => {
  const config = loadConfig({
    file: join(FOLDER, 'smallfirst.yaml'),
    env: { SUPPORT_BOT_KEY: KEY, SMALLFIRST_ADMIN_KEY: ADMIN },
    kinds: upstreamKinds,
  });
  expect(config.auth).toMatchObject({ mode: 'keys', keys: [{ name: 'support-bot' }] });
});

test('it warns of a small model that only proves that things work', async () => {
  expect(await bot.warning()).toBeUndefined();
});
