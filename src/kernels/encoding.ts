/** The arithmetic of an encoder, with its memory. `assembly/encoder.ts` is the source of the kernels. */
import { compiled } from './compiled.ts';
import type { Begin } from './kernels.ts';

export interface EncodingShape {
  /** Numbers a token. */
  readonly width: number;
  /** Heads of attention, of 32 numbers each. */
  readonly heads: number;
  /** Numbers a token between the two feed-forward steps; at least three times the width. */
  readonly inner: number;
  /** Tokens at most, divisible by 4. */
  readonly tokens: number;
}

/** A linear layer: whole numbers of -63..63, `width` a row, each row with a scale and a bias. */
interface LinearLayer {
  readonly levels: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
  readonly width: number;
}

/** A layer in the kernels' memory. */
export interface LinearPlace {
  readonly at: number;
  readonly width: number;
}

type Buffers = 'hidden' | 'other' | 'mixed' | 'wide';

export interface Encoding {
  /** Tokens as they are, what is to be added to them, and what attention made: `width` numbers a token. */
  readonly hidden: Float32Array;
  readonly other: Float32Array;
  readonly mixed: Float32Array;
  /** Between two layers: as many numbers a token as the layer before has rows. */
  readonly wide: Float32Array;
  layer(layer: LinearLayer): LinearPlace;
  /** Where the numbers are from now on. */
  copy(numbers: Float32Array): number;
  /** A text of so many tokens is next. */
  begin(tokens: number): void;
  linear(from: Buffers, layer: LinearPlace, into: Buffers): void;
  /** From query, key and value of each token in `wide` to `mixed`. */
  attend(): void;
  /** In place, of all that is in `wide`. */
  gelu(): void;
  /** `hidden = norm(hidden + other)`; gain and bias are at `norm`. */
  addAndNormalise(norm: number): void;
}

interface Exports {
  readonly linear: (layer: number, given: number, count: number, into: number) => void;
  readonly quantise: (values: number, width: number, count: number, into: number) => void;
  readonly addAndNormalise: (
    ...numbers: [values: number, residual: number, width: number, count: number, gain: number]
  ) => void;
  readonly gelu: (values: number, count: number) => void;
  readonly attention: (work: number) => void;
}

const PAGE_BYTES = 65_536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
const ALIGNED = 16;
/** Tokens and columns are taken four at a time, rows eight. */
const GROUP = 4;
const ROWS = 8;
/** Added to each weight, so that it is no less than 0. */
const MIDDLE = 64;

/** Kernels with memory of their own: one caller at a time. Throws where the file is damaged. */
export function openEncoding(shape: EncodingShape): Encoding {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = compiled('encoder.wasm');
  const { exports } = new WebAssembly.Instance<Exports & Begin>(module, { env: { memory } });
  const room = roomOf(memory, exports.ROOM.value);
  const { width, inner, heads, tokens } = shape;
  const places: Readonly<Record<Buffers, number>> = {
    hidden: room.take(tokens * width * BYTES),
    other: room.take(tokens * width * BYTES),
    mixed: room.take(tokens * width * BYTES),
    wide: room.take(tokens * inner * BYTES),
  };
  const activations = room.ints(
    room.take(tokens * inner),
    room.take(tokens * BYTES),
    room.take(tokens * BYTES),
  );
  const keys = room.take(tokens * 32 * BYTES);
  const scores = room.take(tokens * GROUP * BYTES);
  const attention = room.ints(places.wide, heads, 0, 0, keys, scores, places.mixed);
  let count = 0;
  let padded = 0;
  const view = (name: Buffers): Float32Array =>
    new Float32Array(memory.buffer, places[name], tokens * (name === 'wide' ? inner : width));
  return {
    // made anew: a view is empty once the memory has grown
    get hidden() {
      return view('hidden');
    },
    get other() {
      return view('other');
    },
    get mixed() {
      return view('mixed');
    },
    get wide() {
      return view('wide');
    },
    layer: (layer) => placed(room, layer),
    copy: (numbers) => room.copy(numbers),
    begin: (next) => {
      count = next;
      padded = Math.ceil(count / GROUP) * GROUP;
      view('hidden').fill(0, count * width, padded * width);
      view('other').fill(0, count * width, padded * width);
      new Int32Array(memory.buffer, attention, 4).set([count, padded], 2);
    },
    linear: (from, layer, into) => {
      exports.quantise(places[from], layer.width, padded, activations);
      exports.linear(layer.at, activations, padded, places[into]);
    },
    attend: () => exports.attention(attention),
    gelu: () => exports.gelu(places.wide, padded * inner),
    addAndNormalise: (norm) =>
      exports.addAndNormalise(places.hidden, places.other, width, padded, norm),
  };
}

interface Room {
  take(bytes: number): number;
  copy(values: Float32Array | Uint8Array): number;
  ints(...values: number[]): number;
}

/** Memory that is given out and never taken back, from the byte `begin` on. */
function roomOf(memory: WebAssembly.Memory, begin: number): Room {
  let next = begin;
  const take = (bytes: number): number => {
    const at = next;
    next = Math.ceil((next + bytes) / ALIGNED) * ALIGNED;
    const missing = next - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    return at;
  };
  return {
    take,
    copy: (values) => {
      const at = take(values.byteLength);
      new Uint8Array(memory.buffer, at).set(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      );
      return at;
    },
    ints: (...values) => {
      const at = take(values.length * BYTES);
      new Int32Array(memory.buffer, at).set(values);
      return at;
    },
  };
}

function placed(room: Room, { levels, scales, bias, width }: LinearLayer): LinearPlace {
  const rows = scales.length;
  const bytes = new Uint8Array(levels.length);
  const group = ROWS * GROUP;
  for (let at = 0; at < bytes.length; at += 1) {
    const inside = at % group;
    const column = ((at - inside) / ROWS) % width;
    const row = Math.floor(at / (ROWS * width)) * ROWS + Math.floor(inside / GROUP);
    bytes[at] = levels[row * width + column + (inside % GROUP)]! + MIDDLE;
  }
  const at = room.ints(room.copy(bytes), room.copy(scales), room.copy(bias), width, rows);
  return { at, width };
}
