/**
 * The UTF-16 unit of a text at a place; NaN where it has none. In loops over texts in place of `text.charCodeAt(at)`: V8 keeps texts in
 * some ten forms (slices, joins, one byte or two a unit), and at a place in the code that has met more than four of them
 * the method is looked up again for each unit, at 13 ns in place of 4 (measured). For the same reason such loops read
 * `text.length` once. One that goes over all of a text reads it with `unitReader`.
 */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/unbound-method -- what `bind` gives is typed as anything
export const unitAt = Function.prototype.call.bind(String.prototype.charCodeAt) as (
  text: string,
  at: number,
) => number;

/** The units of a text, then 0 twice; what stands behind is of texts before. Overwritten by the next text. */
export type ReadUnits = (text: string) => Uint16Array;

/** Units: a longer text gets an array that is not kept. */
const MOST_KEPT = 16_384;

/**
 * Copies texts into an array of its own: a loop over that takes 1 ns a unit and the copy less than a half, where `unitAt` takes 4 (measured).
 * For texts that are bounded, or read in pieces; one reader is used by one loop at a time.
 */
export function unitReader(): ReadUnits {
  let kept = roomFor(USUAL);
  return (text) => {
    const { length } = text;
    let room = kept;
    if (length + BEHIND > room.units.length) {
      const isKept = length <= MOST_KEPT;
      room = roomFor(isKept ? 2 * length : length);
      if (isKept) kept = room;
    }
    const { bytes, units } = room;
    bytes.write(text, 'utf16le');
    units[length] = 0;
    units[length + 1] = 0;
    return units;
  };
}

const USUAL = 1024;
/** Loops look at up to two units behind the one they are at. */
const BEHIND = 2;

interface Room {
  readonly bytes: Buffer;
  readonly units: Uint16Array;
}

function roomFor(length: number): Room {
  const units = new Uint16Array(length + BEHIND);
  return { bytes: Buffer.from(units.buffer), units };
}
