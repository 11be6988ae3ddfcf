/**
 * Translates what the gateway says in words of its own. Its API and its ledger speak English, so the page knows the gateway's
 * sentences by their form; one that it does not know stays English.
 */

/** In English and in another language. `{}` stands for what changes, `{#}` for a number; `{0}`, `{1}` is where it goes. */
export type Phrase = readonly [english: string, other: string];

/** The sentence in the other language; undefined where it is not known. */
export type Translate = (sentence: string) => string | undefined;

interface Form {
  /** What stands around the changing parts. */
  readonly pieces: readonly string[];
  /** Whether each changing part is a number. */
  readonly areNumbers: readonly boolean[];
  readonly other: string;
}

const CHANGING = /\{#?\}/g;
const NUMBER = /^[-+]?[\d.]+$/;

/** Sentences are put together with these, the outermost first. */
const JOINS = ['; ', ', '] as const;

/** @param shown how a changing part is written that is no sentence: a figure, a time, a name */
export function phrasebook(phrases: readonly Phrase[], shown: (part: string) => string): Translate {
  // What says more is tried first.
  const forms = phrases
    .map(([english, other]): Form => ({
      pieces: english.split(CHANGING),
      areNumbers: [...english.matchAll(CHANGING)].map(([mark]) => mark === '{#}'),
      other,
    }))
    .toSorted((a, b) => lengthOf(b) - lengthOf(a));

  const whole: Translate = (sentence) => {
    for (const { pieces, areNumbers, other } of forms) {
      const parts = partsOf(sentence, pieces);
      if (parts?.some((each, at) => areNumbers[at] === true && !NUMBER.test(each))) continue;
      if (parts === undefined) continue;
      return other.replaceAll(/\{(\d)\}/g, (_, at: string) => part(parts[Number(at)] ?? ''));
    }
    return undefined;
  };
  const part = (text: string): string => translate(text) ?? shown(text);
  const translate: Translate = (sentence) =>
    whole(sentence) ?? joined(sentence, translate) ?? labelled(sentence, translate);
  return translate;
}

/** Several sentences: all of them are known, or none. */
function joined(sentence: string, translate: Translate): string | undefined {
  for (const join of JOINS) {
    const parts = sentence.split(join);
    if (parts.length === 1) continue;
    const all = parts.map(translate);
    if (all.every((each) => each !== undefined)) return all.join(join);
  }
  return undefined;
}

/** After a name. */
function labelled(sentence: string, translate: Translate): string | undefined {
  const [name = '', ...rest] = sentence.split(': ');
  const other = rest.length === 0 ? undefined : translate(rest.join(': '));
  return other && `${name}: ${other}`;
}

const lengthOf = ({ pieces }: Form): number => pieces.join('').length;

/** What stands between the pieces; undefined where they are not in the sentence, in order and to its ends. */
function partsOf(sentence: string, pieces: readonly string[]): readonly string[] | undefined {
  const [first = '', ...rest] = pieces;
  if (!sentence.startsWith(first)) return undefined;
  if (rest.length === 0) return sentence.length === first.length ? [] : undefined;
  const parts: string[] = [];
  let from = first.length;
  for (const [at, piece] of rest.entries()) {
    const isLast = at === rest.length - 1;
    const to = isLast ? endBefore(sentence, piece) : sentence.indexOf(piece, from + 1);
    if (to <= from) return undefined;
    parts.push(sentence.slice(from, to));
    from = to + piece.length;
  }
  return parts;
}

const endBefore = (sentence: string, piece: string): number =>
  sentence.endsWith(piece) ? sentence.length - piece.length : -1;
