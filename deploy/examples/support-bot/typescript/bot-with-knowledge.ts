/**
 * The support bot of the pottery shop: answers from articles, looks up orders, hands over to a person, streams, and takes thumbs.
 * Which model answers is the gateway's affair; what the bot reads of it stands in the answer's headers.
 */
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { ask, resultsOf, type Message } from './ask.ts';
import { WAITING, whoTakesOver } from './hand-over.ts';
import { languageOf } from './knowledge.ts';

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

/** Rounds of tool calls in one turn; a model that asks for more is going in circles. */
const MOST_ROUNDS = 3;

export const newConversation = (): Conversation => ({
  id: randomUUID(),
  messages: [],
  isHandedOver: false,
  lastRequest: undefined,
});

export class SupportBot {
  readonly #client: OpenAI;
  readonly #handovers: string;

  constructor({ baseURL, apiKey, handovers }: Settings) {
    this.#client = new OpenAI({ baseURL, apiKey });
    this.#handovers = handovers;
  }

  /** Answers the customer's next message; `onText` gets the answer while it comes. */
  async say(
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
      return await this.#turn(talk, question, onText);
    } catch (error) {
      talk.messages.length = before;
      throw error;
    }
  }

  async #turn(talk: Conversation, text: string, onText: (piece: string) => void): Promise<Reply> {
    const { first, answer, reason } = await this.#rounds(talk, text, onText);
    talk.messages.push({ role: 'assistant', content: answer.text });
    const rule = first.get('x-smallfirst-rule');
    const handedTo = whoTakesOver(first) ?? (reason === undefined ? undefined : 'any agent');
    if (handedTo !== undefined) {
      onText(`\n${WAITING[languageOf(text)]}`);
      await this.#handOver(talk, handedTo, reason ?? rule ?? '');
    }
    const tier = answer.headers.get('x-smallfirst-tier');
    const model = answer.headers.get('x-smallfirst-model');
    return { text: answer.text, tier, rule, model, handedTo };
  }

  /** Asks until the model answers in words. A tool's result is no message of the customer's: the first headers say what was recognised. */
  async #rounds(talk: Conversation, text: string, onText: (piece: string) => void) {
    let first: Headers | undefined;
    for (let round = 1; ; round += 1) {
      const question = { conversation: talk.id, text, messages: talk.messages, onText };
      const answer = await ask(this.#client, question);
      first ??= answer.headers;
      talk.lastRequest = answer.headers.get('x-request-id') ?? undefined;
      const reason = answer.calls.find(({ name }) => name === 'hand_over')?.arguments;
      if (answer.calls.length === 0 || reason !== undefined || round === MOST_ROUNDS)
        return { first, answer, reason };
      talk.messages.push(...resultsOf(answer, languageOf(text)));
    }
  }

  async #handOver(talk: Conversation, to: string, because: string): Promise<void> {
    talk.isHandedOver = true;
    const at = new Date().toISOString();
    const line = { at, conversation: talk.id, request: talk.lastRequest, to, because };
    appendFileSync(this.#handovers, `${JSON.stringify(line)}\n`);
    await this.feedback(talk, 0, `handed over to ${to}`);
  }

  /** A thumb for the last answer, or a hand-over: both stand beside the request in the ledger. */
  async feedback(talk: Conversation, score: -1 | 0 | 1, comment?: string): Promise<void> {
    if (talk.lastRequest === undefined) return;
    await this.#client.post('/feedback', {
      body: { request_id: talk.lastRequest, score, ...(comment === undefined ? {} : { comment }) },
    });
  }

  /** A sentence where the small model is one that only proves that things work; undefined where it is not. */
  async warning(): Promise<string | undefined> {
    const { data } = await this.#client.models.list();
    const toy = data
      .map(({ id }) => id)
      .find((id) => /^local\/.*(tinyllama|smollm2?-(135|360)m)/i.test(id));
    if (toy === undefined) return undefined;
    return `The small model is ${toy}: it proves that things work, and its answers are not for customers.`;
  }
}

async function main(): Promise<void> {
  const bot = new SupportBot({
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
