/** One call of the gateway: the prompt with the articles that fit, the tools, and the stream put together again. */
import { APIError, type OpenAI } from 'openai';
import { findArticles, findOrder, languageOf, ORDER_NUMBER, type Language } from './knowledge.ts';

export type Message = OpenAI.ChatCompletionMessageParam;

export interface Question {
  /** The conversation's own name: the gateway keeps it with its model, and two customers apart. */
  readonly conversation: string;
  /** The customer's last message. */
  readonly text: string;
  /** All of the conversation, the last message included. */
  readonly messages: readonly Message[];
  /** Gets the answer while it comes. */
  readonly onText: (piece: string) => void;
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface Answer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** What the gateway says of it. */
  readonly headers: Headers;
}

const SYSTEM =
  'You are the support bot of Torno y Kiln, a pottery shop. Answer in at most three sentences, in the language of the customer, ' +
  'and only from what is written below. If it is not there, say so and call hand_over or offer a person. Promise nothing. ' +
  'Where somebody is hurt or in danger: emergency services first (112).';

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

/** Tools are offered where there is an order to look up; where no model here can use them, the order is written into the prompt. */
export async function ask(client: OpenAI, question: Question): Promise<Answer> {
  if (!ORDER_NUMBER.test(question.text))
    return await askOnce(client, question, { hasTools: false });
  try {
    return await askOnce(client, question, { hasTools: true });
  } catch (error) {
    if (!(error instanceof APIError) || error.code !== 'policy_not_capable') throw error;
    return await askOnce(client, question, { hasTools: false });
  }
}

async function askOnce(
  client: OpenAI,
  question: Question,
  { hasTools }: { readonly hasTools: boolean },
): Promise<Answer> {
  const { conversation, text: asked, messages, onText } = question;
  const { data: stream, response } = await client.chat.completions
    .create(
      {
        model: 'auto',
        messages: [{ role: 'system', content: systemFor(asked, hasTools) }, ...messages],
        stream: true,
        max_tokens: MOST_TOKENS,
        ...(hasTools ? { tools: TOOLS } : {}),
      },
      { headers: { 'x-session-id': conversation } },
    )
    .withResponse();
  const calls: ToolCall[] = [];
  let text = '';
  for await (const { choices } of stream) {
    const delta = choices[0]?.delta;
    addCalls(calls, delta?.tool_calls ?? []);
    text += delta?.content ?? '';
    if (delta?.content) onText(delta.content);
  }
  return { text, calls: calls.filter(({ name }) => name !== ''), headers: response.headers };
}

type CallPiece = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall;

/** A call comes in pieces: its id and name first, its arguments bit by bit. */
function addCalls(calls: ToolCall[], pieces: readonly CallPiece[]): void {
  for (const { index, id, function: called } of pieces) {
    const call = (calls[index] ??= { id: '', name: '', arguments: '' });
    call.id ||= id ?? '';
    call.name += called?.name ?? '';
    call.arguments += called?.arguments ?? '';
  }
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

/** What the next round of the conversation begins with: the model's calls and what they found. */
export function resultsOf({ text, calls }: Answer, language: Language): Message[] {
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
