/** The fake models' script: an answer for the topic of the last message. */
import topics from './answers.json' with { type: 'json' };

/** One topic: the words that identify it, and a short and a long answer in two languages. */
interface Topic {
  readonly words: readonly string[];
  readonly small: { readonly en: string; readonly es: string };
  readonly large: { readonly en: string; readonly es: string };
}

const SPANISH =
  /[¿¡ñ]|\b(?:el|la|los|mi|un|una|que|qué|por|para|con|no puedo|quiero|está|cómo|de|del)\b/i;

/** The scripted answer to the last of `texts`. Topics are tried in the script's order; the last one always matches. */
export function answerTo(texts: readonly string[], voice: 'small' | 'large'): string {
  const last = (texts.at(-1) ?? '').toLowerCase();
  const language = SPANISH.test(last) ? 'es' : 'en';
  const list: readonly Topic[] = topics;
  const topic = list.find(({ words }) => words.some((word) => last.includes(word))) ?? list.at(-1);
  return topic?.[voice][language] ?? 'OK.';
}
