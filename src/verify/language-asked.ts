/** Tasks whose right answer may be in another language than they are. */

/** Another language is named, or something that is given as it was said: a translation, a line of a song, a motto. */
const ASKED =
  /translat|traduc|tradui|[üu]bersetz|перев[ео]|翻译|翻譯|翻訳|번역|ترجم|अनुवाद|\b(?:in|into|to|auf|en|em|in het|po|på) (?:english|spanish|french|german|italian|portuguese|dutch|polish|russian|chinese|japanese|korean|arabic|hindi|turkish|swedish|latin|englisch|spanisch|deutsch|franz[öo]sisch|ingl[ée]s|espa[ñn]ol|alem[áa]n|franc[ée]s|italiano|portugu[ée]s|anglais|espagnol|allemand|inglese|spagnolo|tedesco|francese|engels|angielsku)\b|\blanguages?\b|\bidiomas?\b|\blangues?\b|\bsprachen?\b|lyrics|quote|cita\b/iu;

/** Languages by their names as adjectives in other scripts and languages. */
const NAMED =
  /\b(?:english|spanish|french|german|italian|portuguese|dutch|polish|russian|chinese|japanese|korean|arabic|hindi|turkish|swedish|latin|greek|thai|vietnamese|indonesian|hebrew|cyrillic|kanji|hiragana|katakana|englisch\w*|spanisch\w*|deutsch\w*|franz[öo]sisch\w*|ingl[ée]s|anglais|inglese|engels|engelska|angielsk\w*|inggris|ingilizce)\b|tiếng|английск|немецк|испанск|французск|русск|αγγλικ|ελληνικ|انجليز|إنجليز|عربي|अंग्रेज|हिंदी|हिन्दी|อังกฤษ|英文|英语|英語|中文|汉语|日语|日本語|영어|한국어|중국어|일본어/iu;

/** What is given as it was said. */
const AS_SAID =
  /\b(?:lines?|anthem|motto|proverb|saying|slogan|poem|song|verse|joke|tongue twister|sing|zitier\w*|zeile|sprichwort|lied|lema|refr[áa]n|proverbio|canci[óo]n|devise|dicton|chanson|citation|motto|przysłowie|ordspråk|peribahasa|atasözü)\b|цитат|слоган|пословиц|песн/iu;

export const asksForLanguage = (text: string): boolean =>
  text !== '' && (ASKED.test(text) || NAMED.test(text) || AS_SAID.test(text));
