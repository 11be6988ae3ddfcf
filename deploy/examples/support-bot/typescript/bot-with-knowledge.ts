/**
 * The support bot of the pottery shop: answers from articles, looks up orders, hands over to a person, streams, and takes thumbs.
 * Which model answers is the gateway's affair; what the bot reads of it stands in the answer's headers.
 */
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { findArticles, findOrder, languageOf, ORDER_NUMBER, type Language } from './knowledge.ts';

type Message = OpenAI.ChatCompletionMessageParam;

export interface Settings {
  /** Ends in `/v1`. */
  readonly baseURL: string;
  readonly apiKey: string;
  /** A line for each hand-over is written here, for the people who take over. */
  readonly handovers: string;
}

export interface Conversation {
  readonly id: string;
  readonly messages: Message[];
  /** A person has it: the bot says no more than that. */
  isHandedOver: boolean;
  /** Of the last answer, for a thumb. */
  lastRequest: string | undefined;
}

export interface Reply {
  readonly text: string;
  readonly tier: string | null;
  readonly rule: string | null;
  readonly model: string | null;
  /** Who takes over; undefined = nobody needs to. */
  readonly handedTo: string | undefined;
}

/** Who takes over, by the policy's domain that the message belongs to. */
const TAKES_OVER: Readonly<Record<string, string>> = {
  injury: 'product safety',
  danger: 'product safety',
  'self-harm': 'the person on duty',
  allergy: 'product safety',
  discrimination: 'complaints',
  fraud: 'the fraud desk',
  'legal-threat': 'the legal department',
  'payment-dispute': 'accounting',
  'data-protection': 'the data protection officer',
  'angry-customer': 'a senior agent',
  'repeated-contact': 'the agent of the case',
  'bot-anger': 'any agent',
  'contact-person': 'any agent',
};
/** Costly, and like none of them. */
const AT_STAKE = 'stakes-need-large';

function whoTakesOver(headers: Headers): string | undefined {
  const known = TAKES_OVER[headers.get('x-smallfirst-domain') ?? ''];
  return (
    known ?? (headers.get('x-smallfirst-rule') === AT_STAKE ? 'the person on duty' : undefined)
  );
}

const SYSTEM =
  'You are the support bot of Torno y Kiln, a pottery shop. Answer in at most three sentences, in the language of the customer, ' +
  'and only from what is written below. If it is not there, say so and call hand_over or offer a person. Promise nothing. ' +
  'Where somebody is hurt or in danger: emergency services first (112).';

const WAITING: Readonly<Record<Language, string>> = {
  en: 'A colleague has your case and will write to you here.',
  es: 'Un compañero tiene su caso y le escribirá aquí.',
};

const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'order_status',
      description: 'Where an order is',
      parameters: {
        type: 'object',
        properties: { number: { type: 'string', description: 'Such as TK-10482' } },
        required: ['number'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: {
      name: 'hand_over',
      description: 'Gives the conversation to a person, with the reason',
      parameters: {
        type: 'object',
        properties: { reason: { type: 'string' } },
        required: ['reason'],
        additionalProperties: false,
      },
    },
  },
];

/** Three sentences are fewer; a model that goes on has lost the thread. */
const MOST_TOKENS = 300;
/** Rounds of tool calls in one turn; a model that asks for more is going in circles. */
const MOST_ROUNDS = 3;

export const newConversation = (): Conversation => ({
  id: randomUUID(),
  messages: [],
  isHandedOver: false,
  lastRequest: undefined,
});

export function createBot({ baseURL, apiKey, handovers }: Settings) {
  const client = new OpenAI({ baseURL, apiKey });

  async function ask(
    talk: Conversation,
    question: string,
    onText: (piece: string) => void,
    tools: boolean,
  ) {
    const { data: stream, response } = await client.chat.completions
      .create(
        {
          model: 'auto',
          messages: [{ role: 'system', content: systemFor(question, tools) }, ...talk.messages],
          stream: true,
          max_tokens: MOST_TOKENS,
          ...(tools ? { tools: TOOLS } : {}),
        },
        // The conversation's own name: the gateway keeps it with its model, and two customers apart.
        { headers: { 'x-session-id': talk.id } },
      )
      .withResponse();
    const calls: { id: string; name: string; arguments: string }[] = [];
    let text = '';
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta;
      for (const { index, id, function: called } of delta?.tool_calls ?? []) {
        const call = (calls[index] ??= { id: '', name: '', arguments: '' });
        call.id ||= id ?? '';
        call.name += called?.name ?? '';
        call.arguments += called?.arguments ?? '';
      }
      text += delta?.content ?? '';
      if (delta?.content) onText(delta.content);
    }
    return { text, calls: calls.filter(({ name }) => name !== ''), headers: response.headers };
  }

  /** Tools are offered where there is an order to look up; where no model here can use them, the order is written into the prompt. */
  async function askWithTools(
    talk: Conversation,
    question: string,
    onText: (piece: string) => void,
  ) {
    if (!ORDER_NUMBER.test(question)) return await ask(talk, question, onText, false);
    try {
      return await ask(talk, question, onText, true);
    } catch (error) {
      if (error instanceof OpenAI.APIError && error.code === 'policy_not_capable')
        return await ask(talk, question, onText, false);
      throw error;
    }
  }

  /** Answers the customer's next message; `onText` gets the answer while it comes. */
  async function say(
    talk: Conversation,
    question: string,
    onText: (piece: string) => void = () => {},
  ): Promise<Reply> {
    const language = languageOf(question);
    if (talk.isHandedOver) {
      onText(WAITING[language]);
      return { text: WAITING[language], tier: null, rule: null, model: null, handedTo: undefined };
    }
    const before = talk.messages.length;
    talk.messages.push({ role: 'user', content: question });
    try {
      return await turn(talk, question, onText);
    } catch (error) {
      talk.messages.length = before;
      throw error;
    }
  }

  async function turn(
    talk: Conversation,
    question: string,
    onText: (piece: string) => void,
  ): Promise<Reply> {
    let first: Headers | undefined;
    for (let round = 1; ; round += 1) {
      const { text, calls, headers } = await askWithTools(talk, question, onText);
      // A tool's result is no message of the customer's: what was recognised before it counts.
      first ??= headers;
      talk.lastRequest = headers.get('x-request-id') ?? undefined;
      const reason = calls.find(({ name }) => name === 'hand_over')?.arguments;
      if (calls.length > 0 && reason === undefined && round < MOST_ROUNDS) {
        talk.messages.push(...resultsOf(text, calls, languageOf(question)));
        continue;
      }
      talk.messages.push({ role: 'assistant', content: text });
      const rule = first.get('x-smallfirst-rule');
      const handedTo = whoTakesOver(first) ?? (reason === undefined ? undefined : 'any agent');
      if (handedTo !== undefined)
        await handOver(
          talk,
          { to: handedTo, because: reason ?? rule ?? '', language: languageOf(question) },
          onText,
        );
      return {
        text,
        rule,
        handedTo,
        tier: headers.get('x-smallfirst-tier'),
        model: headers.get('x-smallfirst-model'),
      };
    }
  }

  async function handOver(
    talk: Conversation,
    {
      to,
      because,
      language,
    }: { readonly to: string; readonly because: string; readonly language: Language },
    onText: (piece: string) => void,
  ): Promise<void> {
    talk.isHandedOver = true;
    onText(`\n${WAITING[language]}`);
    const line = {
      at: new Date().toISOString(),
      conversation: talk.id,
      request: talk.lastRequest,
      to,
      because,
    };
    appendFileSync(handovers, `${JSON.stringify(line)}\n`);
    await feedback(talk, 0, `handed over to ${to}`);
  }

  /** A thumb for the last answer, or a hand-over: both stand beside the request in the ledger. */
  async function feedback(talk: Conversation, score: -1 | 0 | 1, comment?: string): Promise<void> {
    if (talk.lastRequest === undefined) return;
    await client.post('/feedback', {
      body: { request_id: talk.lastRequest, score, ...(comment === undefined ? {} : { comment }) },
    });
  }

  /** A sentence where the small model is one that only proves that things work; undefined where it is not. */
  async function warning(): Promise<string | undefined> {
    const { data } = await client.models.list();
    const toy = data
      .map(({ id }) => id)
      .find((id) => /^local\/.*(tinyllama|smollm2?-(135|360)m)/i.test(id));
    return (
      toy &&
      `The small model is ${toy}: it proves that things work, and its answers are not for customers.`
    );
  }

  return { say, feedback, warning };
}

function systemFor(question: string, hasTools: boolean): string {
  const language = languageOf(question);
  const number = ORDER_NUMBER.exec(question)?.[0];
  const order = hasTools || number === undefined ? undefined : orderText(number, language);
  const notes = findArticles(question).map(
    ({ title, text }) => `${title[language]}: ${text[language]}`,
  );
  return [SYSTEM, ...(order === undefined ? [] : [order]), ...notes].join('\n\n');
}

function orderText(number: string, language: Language): string {
  const order = findOrder(number);
  return order === undefined
    ? `There is no order ${number}.`
    : `${order.number} ${order.says[language]}.`;
}

function resultsOf(
  text: string,
  calls: readonly { id: string; name: string; arguments: string }[],
  language: Language,
): Message[] {
  return [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      tool_calls: calls.map(({ id, ...called }) => ({ id, type: 'function', function: called })),
    },
    ...calls.map(({ id, arguments: given }): Message => ({
      role: 'tool',
      tool_call_id: id,
      content: orderText(ORDER_NUMBER.exec(given)?.[0] ?? '', language),
    })),
  ];
}

async function main(): Promise<void> {
  const bot = createBot({
    baseURL: process.env['SMALLFIRST_URL'] ?? 'http://127.0.0.1:4100/v1',
    apiKey: process.env['SUPPORT_BOT_KEY'] ?? 'any',
    handovers: 'handovers.jsonl',
  });
  const warned = await bot.warning();
  if (warned !== undefined) process.stderr.write(`${warned}\n`);
  const talk = newConversation();
  process.stdout.write('Ask something; + or - judges the last answer, Ctrl+D ends.\n> ');
  for await (const line of createInterface({ input: process.stdin })) {
    const said = line.trim();
    try {
      if (said === '+' || said === '-') await bot.feedback(talk, said === '+' ? 1 : -1);
      else if (said !== '') await bot.say(talk, said, (piece) => process.stdout.write(piece));
    } catch (error) {
      process.stdout.write(error instanceof Error ? error.message : String(error));
    }
    process.stdout.write('\n> ');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
