/** What is typed and answered in the playground. It stays in this tab: nothing of it is stored. */
import { signal } from '@preact/signals';
import {
  accountOf,
  chat,
  type Account,
  type Answer,
  type ChatBody,
  type Message,
} from './chat-client.ts';

/** A question and what came of it. */
export interface Exchange {
  readonly id: number;
  readonly asked: Message;
  readonly body: ChatBody;
  readonly answer: Answer | undefined;
  readonly account: Account | undefined;
  readonly error: Error | undefined;
  readonly isOver: boolean;
}

export interface Options {
  readonly model: string;
  readonly system: string;
  readonly stream: boolean;
  /** JSON, as typed. */
  readonly tools: string;
  readonly schema: string;
  /** A data URL. */
  readonly picture: string;
  /** A caller's, where the gateway has keys. */
  readonly key: string;
}

const NO_OPTIONS: Options = {
  model: 'auto',
  system: '',
  stream: true,
  tools: '',
  schema: '',
  picture: '',
  key: '',
};

export const options = signal<Options>(NO_OPTIONS);
export const typed = signal('');
export const exchanges = signal<readonly Exchange[]>([]);
/** The two answers of the view that compares. */
export const compared = signal<readonly Exchange[]>([]);

export const change = (some: Partial<Options>): void => {
  options.value = { ...options.value, ...some };
};

/** @throws SyntaxError with the parser's words where tools or schema are no JSON */
export function bodyOf(text: string, before: readonly Exchange[], chosen: Options): ChatBody {
  const { model, system, stream, tools, schema, picture } = chosen;
  const asked: Message = {
    role: 'user',
    content:
      picture === ''
        ? text
        : [
            { type: 'text', text },
            { type: 'image_url', image_url: { url: picture } },
          ],
  };
  const told = before.flatMap(({ asked: question, answer }): Message[] =>
    answer === undefined ? [] : [question, { role: 'assistant', content: answer.text }],
  );
  const first: readonly Message[] =
    system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return {
    model,
    messages: [...first, ...told, asked],
    ...(stream ? { stream } : {}),
    ...(tools.trim() === '' ? {} : { tools: JSON.parse(tools) as unknown }),
    ...(schema.trim() === '' ? {} : { response_format: formatOf(JSON.parse(schema)) }),
  };
}

const formatOf = (schema: unknown): object => ({
  type: 'json_schema',
  json_schema: { name: 'answer', schema },
});

let last = 0;

/** Asks, and tells of the exchange whenever there is more of it. */
export async function ask(
  body: ChatBody,
  tell: (exchange: Exchange) => void,
  ended: AbortSignal,
): Promise<void> {
  const asked = body.messages.at(-1) ?? { role: 'user', content: '' };
  const begun = { answer: undefined, account: undefined, error: undefined, isOver: false };
  let exchange: Exchange = { id: ++last, asked, body, ...begun };
  const more = (some: Partial<Exchange>): void => {
    exchange = { ...exchange, ...some };
    tell(exchange);
  };
  more({});
  try {
    const { key } = options.peek();
    const answer = await chat({ body, key }, (grown) => more({ answer: grown }), ended);
    more({ answer, isOver: true });
  } catch (error) {
    more({ error: error instanceof Error ? error : new Error(String(error)), isOver: true });
  }
  const id = exchange.answer?.requestId;
  if (id !== undefined) more({ account: await accountOf(id) });
}

/** Puts it in the place of its earlier state, or at the end. */
export function withExchange(all: readonly Exchange[], one: Exchange): readonly Exchange[] {
  const isKnown = all.some(({ id }) => id === one.id);
  return isKnown ? all.map((each) => (each.id === one.id ? one : each)) : [...all, one];
}

export const textOf = ({ content }: Message): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('');
