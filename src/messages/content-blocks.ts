/**
 * Writes the content blocks of a streamed answer. Anthropic's streams have one block open at a time, while chat may send
 * the pieces of parallel calls in turns: the first block that is not finished goes out at once, those behind it wait.
 */
import { isObject, type JsonObject } from '../lib/json.ts';
import type { CallPiece } from '../wire/chat-choice.ts';

/** One of `content` in a whole answer. Texts grow with each piece. */
export type Block =
  | { readonly kind: 'thinking' | 'text'; text: string }
  | {
      readonly kind: 'tool_use';
      readonly index: number;
      readonly id: string;
      name: string;
      text: string;
    };

export interface BlockWriter {
  readonly blocks: readonly Block[];
  text(kind: 'thinking' | 'text', piece: string): void;
  call(piece: CallPiece): void;
  /** Closes what is open and writes what waits. */
  end(): void;
  /** The events since the last time. */
  drain(): readonly JsonObject[];
}

/** @param toolId makes the id of a call that the upstream gave none, or one that Anthropic's clients would not send back. */
export function blockWriter(toolId: (given: string) => string): BlockWriter {
  const blocks: Block[] = [];
  let events: JsonObject[] = [];
  /** The block that is being written, whether its start is out, and how much of its text is. */
  let head = 0;
  let isStarted = false;
  let written = 0;

  const flush = ({ isEnd } = { isEnd: false }): void => {
    for (let block = blocks[head]; block !== undefined; block = blocks[head]) {
      // A call's name may come in a later piece than its id.
      if (!isStarted && block.kind === 'tool_use' && block.name === '' && !isEnd) return;
      if (!isStarted) events.push(startOf(block, head));
      isStarted = true;
      const rest = block.text.slice(written);
      if (rest !== '') events.push(deltaOf(block, rest, head));
      written = block.text.length;
      if (!isEnd && (head === blocks.length - 1 || !isComplete(block))) return;
      events.push({ type: 'content_block_stop', index: head });
      head += 1;
      isStarted = false;
      written = 0;
    }
  };
  return {
    blocks,
    text(kind, piece) {
      if (piece === '') return;
      const last = blocks.at(-1);
      if (last?.kind === kind) last.text += piece;
      else blocks.push({ kind, text: piece });
      flush();
    },
    call({ index, id, name, args }) {
      const open = blocks.findLast((block) => block.kind === 'tool_use' && block.index === index);
      if (open?.kind === 'tool_use' && (id === '' || open.id === toolId(id))) {
        open.text += args;
        if (open.name === '') open.name = name;
      } else blocks.push({ kind: 'tool_use', index, id: toolId(id), name, text: args });
      flush();
    },
    end: () => flush({ isEnd: true }),
    drain() {
      const drained = events;
      events = [];
      return drained;
    },
  };
}

/** A call goes on until its arguments are JSON: servers announce all calls before the arguments of the first. */
const isComplete = ({ kind, text }: Block): boolean =>
  kind !== 'tool_use' || (text.trim() !== '' && inputOf(text) !== undefined);

/** The arguments of a call; undefined for what is no JSON object, or is not finished. None at all are empty. */
export function inputOf(args: string): JsonObject | undefined {
  if (args.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(args);
    return isObject(input) ? input : undefined;
  } catch {
    return undefined;
  }
}

function startOf(block: Block, index: number): JsonObject {
  const shown =
    block.kind === 'tool_use'
      ? { type: 'tool_use', id: block.id, name: block.name, input: {} }
      : rendered({ ...block, text: '' });
  return { type: 'content_block_start', index, content_block: shown };
}

function deltaOf({ kind }: Block, text: string, index: number): JsonObject {
  return { type: 'content_block_delta', index, delta: DELTAS[kind](text) };
}

const DELTAS: Readonly<Record<Block['kind'], (text: string) => JsonObject>> = {
  thinking: (thinking) => ({ type: 'thinking_delta', thinking }),
  text: (text) => ({ type: 'text_delta', text }),
  tool_use: (json) => ({ type: 'input_json_delta', partial_json: json }),
};

/** As a whole answer has it. A call that was cut has the empty input. */
export function rendered(block: Block): JsonObject {
  switch (block.kind) {
    case 'thinking':
      // Nobody signed it; `native.ts` recognises it by that.
      return { type: 'thinking', thinking: block.text, signature: '' };
    case 'text':
      return { type: 'text', text: block.text };
    case 'tool_use': {
      const { id, name, text } = block;
      return { type: 'tool_use', id, name, input: inputOf(text) ?? {} };
    }
  }
}
