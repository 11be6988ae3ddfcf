/** Letters without case and accents, so that "Contraseña" and "contrasena" are one word. Latin script; others pass as they are. */
import { unitAt } from '../../lib/text-units.ts';

/** What stands for U+00C0 … U+017F, one character each; `*` = not a letter. */
const LATIN =
  'aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty' +
  'aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs';

const SPACE = 32;

/**
 * One UTF-16 unit, folded: a lower-case letter or a digit, 32 for everything that separates words,
 * 0 for what is not there at all (zero-width and bidirectional marks, combining accents, soft
 * hyphens: they can be strewn into any text to hide it). Everything else outside Latin comes back unchanged.
 */
export function foldUnit(unit: number): number {
  if (unit < 128) return foldAscii(unit);
  if (unit < 0xc0) return unit === 0xad ? 0 : SPACE;
  if (unit < 0x180) return foldLatin(unit);
  if (isInvisible(unit)) return 0;
  if (isPunctuation(unit)) return SPACE;
  // Full-width forms of ASCII.
  if (unit >= 0xff01 && unit <= 0xff5e) return foldAscii(unit - 0xfee0);
  return isCapital(unit) ? unit + 32 : unit;
}

/** Greek and Cyrillic, as far as their capitals lie 32 before the small letters. */
const isCapital = (unit: number): boolean =>
  (unit >= 0x391 && unit <= 0x3a9) || (unit >= 0x410 && unit <= 0x42f);

function foldAscii(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit;
  if (unit >= 65 && unit <= 90) return unit + 32;
  if (unit >= 48 && unit <= 57) return unit;
  return SPACE;
}

function foldLatin(unit: number): number {
  const folded = unitAt(LATIN, unit - 0xc0);
  return folded === 42 ? SPACE : folded;
}

function isInvisible(unit: number): boolean {
  return (
    (unit >= 0x200b && unit <= 0x200f) ||
    (unit >= 0x202a && unit <= 0x202e) ||
    (unit >= 0x2060 && unit <= 0x2064) ||
    (unit >= 0x300 && unit <= 0x36f) ||
    unit === 0xfeff
  );
}

function isPunctuation(unit: number): boolean {
  return (
    (unit >= 0x2000 && unit <= 0x206f) || (unit >= 0x3000 && unit <= 0x303f) || unit === 0x1680
  );
}
