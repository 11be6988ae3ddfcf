/** Whether a message stands alone or depends on what was said before. Words of twelve languages, without accents. */
import { hasWords } from './tokens.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** "Yes", "go on": takes up what was offered or asked. */
const ACCEPTS = words(
  'yes yeah yep sure ok okay please continue proceed correct exactly go ahead ' +
    'si claro vale dale adelante continua sigue hazlo correcto exacto venga perfecto ' +
    'oui continue vas-y bien ja klar weiter gern sim certo continua avanti procedi ' +
    'да давай продолжай конечно 네 예 응 계속 نعم اجل تابع हाँ हां जी 是 好 好的 是的 继续 可以 はい うん お願い 続けて',
);
/** "Thanks", "bye": ends a matter and asks nothing. */
const CLOSES = words(
  'thanks thank thx bye goodbye cheers great perfect awesome nice cool ' +
    'gracias adios chao genial estupendo merci danke tschuss obrigado obrigada tchau grazie ' +
    'спасибо пока 감사합니다 고마워 شكرا धन्यवाद 谢谢 再见 ありがとう さようなら',
);
/** Points back: "it", "the second one", "the same". */
const POINTS = words(
  'it its that this these those them they one ones same again previous above earlier former latter instead ' +
    'another other else more also too second third last first next both part step answer ' +
    'eso esto ese esa esos esas mismo misma mismos anterior anteriores otra otro otros otras ' +
    'tambien segundo segunda tercero tercera tercer ultimo ultima primero primera siguiente ambos parte paso respuesta mas ' +
    'ca cela meme autre encore precedent deuxieme aussi das dies gleiche noch andere zweite auch ' +
    'isso isto mesmo outra outro segundo tambem questo quello stesso altra altro secondo anche ' +
    'это то тот же еще второй другой также 그것 이것 같은 다시 두번째 또 ذلك هذا نفس اخر الثاني ايضا यह वह वही दूसरा फिर भी',
);
const POINTS_WITHOUT_SPACES =
  /[这那它]|同样|第[一二三四五]|上面|再|另|呢|それ|これ|あれ|同じ|次|もう一|二つ目|では/;
/** A change to what was just written is its own, small task. */
const RESHAPES =
  /\b(translat|rewrit|rephras|shorten|shorter|summar|simplif(y|ied) (it|that|this|the text)|formal|polite|bullet|traduc|traduz|reescrib|reformul|acorta|mas corto|mas breve|resum|formal|vinetas|tradui|raccourci|ubersetz|kurzer|riassum|перевед|короче)|翻译|总结|缩短|翻訳|要約|短く|번역|요약|ترجم|لخص|अनुवाद/;

/** A message that begins so goes on from the one before. */
const GOES_ON = words('and but so y pero entonces et mais und aber e ma и а но 그리고 و और');

/** A message of more words than this says for itself what it wants. */
const LEANING_WORDS = 16;
/** Thanks and agreement are short. */
const SHORT_WORDS = 8;
/** So few words name no task of their own ("why?", "in Spanish"). */
const BARE_WORDS = 2;
const LONGEST = 240;
const UNSPACED = /[\u3041-\u30ff\u3400-\u9fff\u0e00-\u0eff]/;

/**
 * How a message stands to the one before it: `alone`; `accepts` what was offered (and leans where
 * nothing was); `leans` on it and adds to it; `replies` to it with a number.
 */
export type Stance = 'alone' | 'accepts' | 'leans' | 'replies';

/** Reads a short message; a long one stands alone. */
export function stanceOf(message: string): Stance {
  if (message.length > LONGEST) return 'alone';
  const lower = message.toLowerCase();
  if (!BEYOND_ASCII.test(lower)) return stanceOfWords(lower, lower.match(/[a-z\d-]+/g) ?? []);
  const plain = withoutDiacritics(lower);
  return stanceOfWords(plain, plain.normalize('NFC').match(/[\p{L}\p{M}\p{N}-]+/gu) ?? []);
}

const BEYOND_ASCII = /[^\0-\x7f]/;
const withoutDiacritics = (text: string): string =>
  text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');

function stanceOfWords(plain: string, said: readonly string[]): Stance {
  const size = UNSPACED.test(plain) ? wordsIn(said) : said.length;
  if (size > LEANING_WORDS || RESHAPES.test(plain)) return 'alone';
  if (size <= SHORT_WORDS) {
    if (says(said, CLOSES) && !plain.includes('?')) return 'alone';
    if (says(said, ACCEPTS)) return 'accepts';
  }
  if (said.length > 0 && !hasWords(plain)) return 'replies';
  return size <= BARE_WORDS || pointsBack(plain, said) ? 'leans' : 'alone';
}

/** Words of scripts without spaces are counted by their units. */
const wordsIn = (said: readonly string[]): number =>
  said.reduce((sum, word) => sum + (UNSPACED.test(word) ? word.length / 1.6 : 1), 0);

const says = (said: readonly string[], set: ReadonlySet<string>): boolean =>
  said.some((word) => set.has(word));

const pointsBack = (plain: string, said: readonly string[]): boolean =>
  GOES_ON.has(said[0] ?? '') ||
  says(said, POINTS) ||
  POINTS_WITHOUT_SPACES.test(plain) ||
  saysLittle(said);

/** No word of three letters and more: a formula, a sign. */
const saysLittle = (said: readonly string[]): boolean =>
  !said.some((word) => /\p{L}{3}/u.test(word) || UNSPACED.test(word));
