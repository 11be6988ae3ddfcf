/**
 * Writes a tiny but complete llama-architecture GGUF (about 300 kB), so that tests run the real native path in milliseconds.
 * `scripted`: answers any prompt with exactly the given text, then ends, or with `loops` says it again without end. `endless`: seeded gibberish that never ends by itself.
 * Run by hand: `node test/support/make-gguf.ts out.gguf [text]`.
 */
import { writeFileSync } from 'node:fs';

export type GgufScript =
  | {
      readonly kind: 'scripted';
      readonly text: string;
      readonly loops?: boolean;
      readonly contextTokens?: number;
    }
  | { readonly kind: 'endless'; readonly seed: number; readonly contextTokens?: number };

/** Kinds of vocabulary entries, numbered as llama.cpp numbers them. */
const PIECE = { normal: 1, unknown: 2, control: 3, unused: 4, byte: 6 } as const;
const UNKNOWN = 0;
const BOS = 1;
const EOS = 2;

interface Vocabulary {
  readonly pieces: readonly string[];
  readonly scores: readonly number[];
  readonly kinds: readonly number[];
  /** Ids of the scripted text's pieces, in order. */
  readonly chain: readonly number[];
}

interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A character outside ASCII is written byte by byte, as in real models for characters outside their vocabulary. */
const byteName = (byte: number): string =>
  `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
const spelt = (word: string): string[] =>
  /^[ -~]/.test(word) ? [word.replaceAll(' ', '\u2581')] : [...Buffer.from(word)].map(byteName);

/**
 * Splits a text into the pieces that the scripted model emits in turn. A repeated word is joined to the one before
 * it: each step must be a distinct token, or the chain would have two successors.
 */
function scriptPieces(text: string): string[] {
  const pieces: string[] = [];
  for (const piece of (text.match(/\s*[!-~]+|\s+|[^ -~]/gu) ?? []).flatMap(spelt)) {
    if (pieces.includes(piece)) pieces[pieces.length - 1] += piece;
    else pieces.push(piece);
  }
  if (new Set(pieces).size !== pieces.length)
    throw new Error(
      'the scripted text repeats itself in a way that no chain can hold: change a word',
    );
  return pieces;
}

/** A SentencePiece vocabulary with byte fallback, so that any text can be tokenised. */
function makeVocabulary(script: readonly string[]): Vocabulary {
  const pieces: string[] = ['<unk>', '<s>', '</s>'];
  const scores: number[] = [0, 0, 0];
  const kinds: number[] = [PIECE.unknown, PIECE.control, PIECE.control];
  const add = (piece: string, score: number, kind: number): number => {
    const known = pieces.indexOf(piece);
    if (known >= 0) return known;
    scores.push(score);
    kinds.push(kind);
    return pieces.push(piece) - 1;
  };
  for (let byte = 0; byte < 256; byte++) add(byteName(byte), 0, PIECE.byte);
  for (const role of ['<|system|>', '<|user|>', '<|assistant|>']) add(role, 0, PIECE.control);
  add('\u2581', -1000, PIECE.normal);
  for (let code = 33; code < 127; code++)
    add(String.fromCharCode(code), -1000 - code, PIECE.normal);
  const chain = script.map((piece, step) => add(piece, -1 - step, PIECE.normal));
  while (pieces.length % 32 !== 0) add(`<|unused-${pieces.length}|>`, 0, PIECE.unused);
  return { pieces, scores, kinds, chain };
}

/** Mulberry32 (public domain) through Box-Muller: the same seed gives the same weights everywhere. */
function gaussian(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
}

const filled = (
  name: string,
  dims: readonly number[],
  value: (index: number) => number,
): Tensor => ({
  name,
  dims,
  values: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, index) =>
    value(index),
  ),
});

/**
 * The embedding and output matrices hold the script as a chain of bigrams: every token marks "start" in dimension 0,
 * and step i, with more weight, dimension 1 + i. Attention and feed-forward add nothing, so only the last token counts.
 */
function scriptedEnds(vocabulary: Vocabulary, width: number, loops: boolean): Tensor[] {
  const embedding = filled('token_embd.weight', [width, vocabulary.pieces.length], (index) =>
    index % width === 0 ? 1 : 0,
  );
  const output = filled('output.weight', [width, vocabulary.pieces.length], () => 0);
  const { chain } = vocabulary;
  const last = loops ? chain[0] : undefined;
  output.values[(chain[0] ?? EOS) * width] = 5;
  for (const [step, token] of chain.entries()) {
    embedding.values[token * width + 1 + step] = 3;
    output.values[(chain[step + 1] ?? last ?? EOS) * width + 1 + step] = 20;
  }
  return [embedding, output];
}

/** Random matrices; the rows of the special tokens are zero so that the text almost never ends. */
function endlessEnds(vocabulary: Vocabulary, width: number, random: () => number): Tensor[] {
  const embedding = filled('token_embd.weight', [width, vocabulary.pieces.length], random);
  const output = filled('output.weight', [width, vocabulary.pieces.length], (index) =>
    index < (EOS + 1) * width ? 0 : (2 * random()) / Math.sqrt(width),
  );
  return [embedding, output];
}

function transformerBlock(width: number, feedForward: number, write: () => number): Tensor[] {
  const small = gaussian(7);
  const read = (): number => 0.05 * small();
  return [
    filled('blk.0.attn_norm.weight', [width], () => 1),
    filled('blk.0.attn_q.weight', [width, width], read),
    filled('blk.0.attn_k.weight', [width, width], read),
    filled('blk.0.attn_v.weight', [width, width], read),
    filled('blk.0.attn_output.weight', [width, width], write),
    filled('blk.0.ffn_norm.weight', [width], () => 1),
    filled('blk.0.ffn_gate.weight', [width, feedForward], read),
    filled('blk.0.ffn_up.weight', [width, feedForward], read),
    filled('blk.0.ffn_down.weight', [feedForward, width], write),
  ];
}

// The container format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3).

const ALIGNMENT = 32;
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const f32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer =>
  Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);

/** Metadata values by their GGUF type number. */
const meta = {
  u32: (key: string, value: number) => Buffer.concat([text(key), u32(4), u32(value)]),
  i32s: (key: string, values: readonly number[]) =>
    Buffer.concat([text(key), u32(9), u32(5), u64(values.length), ...values.map(i32)]),
  f32: (key: string, value: number) => Buffer.concat([text(key), u32(6), f32(value)]),
  f32s: (key: string, values: readonly number[]) =>
    Buffer.concat([text(key), u32(9), u32(6), u64(values.length), ...values.map(f32)]),
  bool: (key: string, value: boolean) => Buffer.concat([text(key), u32(7), Buffer.from([+value])]),
  text: (key: string, value: string) => Buffer.concat([text(key), u32(8), text(value)]),
  texts: (key: string, values: readonly string[]) =>
    Buffer.concat([text(key), u32(9), u32(8), u64(values.length), ...values.map(text)]),
};

function container(metadata: readonly Buffer[], tensors: readonly Tensor[]): Buffer {
  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, dims, values } of tensors) {
    const bytes = padded(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    infos.push(text(name), u32(dims.length), ...dims.map(u64), u32(0), u64(offset));
    data.push(bytes);
    offset += bytes.length;
  }
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.length)];
  return Buffer.concat([padded(Buffer.concat([...head, ...metadata, ...infos])), ...data]);
}

const CHAT_TEMPLATE =
  "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}</s>\n{% endfor %}" +
  '{% if add_generation_prompt %}<|assistant|>\n{% endif %}';

/** The bytes of a model file that behaves as `script` says. */
export function makeGguf(script: GgufScript): Buffer {
  const vocabulary = makeVocabulary(script.kind === 'scripted' ? scriptPieces(script.text) : []);
  const width = Math.max(64, Math.ceil((vocabulary.chain.length + 2) / 32) * 32);
  const feedForward = 64;
  const heads = 2;
  const random = gaussian(script.kind === 'endless' ? script.seed : 1);
  const tensors = [
    ...(script.kind === 'scripted'
      ? scriptedEnds(vocabulary, width, script.loops === true)
      : endlessEnds(vocabulary, width, random)),
    filled('output_norm.weight', [width], () => 1),
    ...transformerBlock(width, feedForward, () =>
      script.kind === 'endless' ? 0.05 * random() : 0,
    ),
  ];
  const metadata = [
    meta.text('general.architecture', 'llama'),
    meta.text('general.name', `test-${script.kind}`),
    meta.u32('general.file_type', 0),
    meta.u32('llama.context_length', script.contextTokens ?? 2048),
    meta.u32('llama.embedding_length', width),
    meta.u32('llama.block_count', 1),
    meta.u32('llama.feed_forward_length', feedForward),
    meta.u32('llama.attention.head_count', heads),
    meta.u32('llama.attention.head_count_kv', heads),
    meta.f32('llama.attention.layer_norm_rms_epsilon', 1e-5),
    meta.u32('llama.rope.dimension_count', width / heads),
    meta.u32('llama.vocab_size', vocabulary.pieces.length),
    meta.text('tokenizer.ggml.model', 'llama'),
    meta.texts('tokenizer.ggml.tokens', vocabulary.pieces),
    meta.f32s('tokenizer.ggml.scores', vocabulary.scores),
    meta.i32s('tokenizer.ggml.token_type', vocabulary.kinds),
    meta.u32('tokenizer.ggml.bos_token_id', BOS),
    meta.u32('tokenizer.ggml.eos_token_id', EOS),
    meta.u32('tokenizer.ggml.unknown_token_id', UNKNOWN),
    meta.bool('tokenizer.ggml.add_bos_token', true),
    meta.bool('tokenizer.ggml.add_eos_token', false),
    meta.text('tokenizer.chat_template', CHAT_TEMPLATE),
  ];
  return container(metadata, tensors);
}

if (import.meta.main) {
  const [out = 'test.gguf', words = 'Hello! I am a tiny model.'] = process.argv.slice(2);
  writeFileSync(out, makeGguf({ kind: 'scripted', text: words }));
}
