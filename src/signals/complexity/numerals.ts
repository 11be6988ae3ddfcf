/** What a comma, a point or a dollar sign beside digits means. */
import { type Characters, DIGIT, SPACE } from './characters.ts';
import { unitAt } from '../../lib/text-units.ts';

/** `1,000` and `1.000`: exactly three digits follow. */
export function isThousands({ classOf }: Characters, text: string, comma: number): boolean {
  let at = comma + 1;
  while (classOf[unitAt(text, at)] === DIGIT) at += 1;
  return at - comma === 4;
}

/** `$5` and `$1,200.50` are money; in `$5x + 1$` the sign opens mathematics. */
export function isPrice({ classOf }: Characters, text: string, from: number): boolean {
  let at = from;
  while (classOf[unitAt(text, at)] === DIGIT || /[.,]/.test(text.charAt(at))) at += 1;
  const after = unitAt(text, at);
  return Number.isNaN(after) || classOf[after] === SPACE || /[\n?!;)a-zA-Z-]/.test(text.charAt(at));
}
