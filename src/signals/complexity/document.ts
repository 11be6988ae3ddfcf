/** Tells the instruction from what it is about: a pasted document, or worked examples before the real case. */
import { occurs } from '../../lib/occurrences.ts';

/** Shorter messages hold no document worth the name. */
const LEAST_UNITS = 700;
/** An instruction about a document is short beside it. */
const MOST_OF_AN_INSTRUCTION = 400;
/** Words that say something is to be done with a text that stands there. Twelve languages, any inflection. */
const ABOUT_A_TEXT =
  /summar|tl;?dr|condens|shorten|translat|proofread|rewrite|rephrase|paraphras|extract|classif|sentiment|key points|bullet|title for|subject line|(this|the|following|above|attached|below) (text|article|document|e-?mail|passage|transcript|report|thread|letter|review|contract|meeting|log|notes|page|story|message)|resum|traduc|sintetiz|corrige|reescrib|reformul|extra[ei]|clasific|puntos clave|vi[ñn]etas|t[íi]tulo para|(este|el|siguiente|la|esta) (texto|art[íi]culo|documento|correo|pasaje|transcripci[óo]n|informe|hilo|carta|rese[ñn]a|contrato|reuni[óo]n|registro|mensaje)|r[ée]sum|tradui|corrig|texte|[üu]bersetz|zusammenfass|fasse|folgenden text|riassum|traduci|testo|resum[aei]|texto|总结|概括|摘要|翻译|提取|以下|文章|要約|翻訳|まとめ|以下の|перевед|кратко|резюм|текст|요약|번역|다음 글|لخص|ترجم|النص|सारांश|अनुवाद|पाठ/i;
/** `Question:`, `Input:`, `P:` at the start of a line: the label of a case. */
const LABEL = /^[ \t]*([\p{L}\p{M}]{1,14}(?: \d{1,2})?)[ \t]*[:：]/gmu;
const LEAST_CASES = 3;
/** An exam question: what stands above the choices belongs to it. */
const CHOICES = [/\n[ \t]*[([]?A[).\]:]/, /\n[ \t]*[([]?B[).\]:]/] as const;

/** The instruction; all of the text where nothing else stands beside it. */
export function documentTask(text: string): string {
  if (text.length < 60 || CHOICES.every((choice) => choice.test(text))) return text;
  const real = lastCase(text);
  return real.length < LEAST_UNITS ? real : instruction(real);
}

/** Where one label opens three lines and more, all but the last are examples; what stands before them stays. */
function lastCase(text: string): string {
  if (!text.includes('\n') || !mayHaveCases(text)) return text;
  const places = new Map<string, number[]>();
  for (const { index, 1: label } of text.matchAll(LABEL)) {
    const name = (label ?? '').toLowerCase().replace(/ \d+$/, '');
    const known = places.get(name);
    if (known === undefined) places.set(name, [index]);
    else known.push(index);
  }
  for (const found of places.values()) {
    if (found.length < LEAST_CASES) continue;
    const [first, last] = [found[0]!, found.at(-1)!];
    return `${text.slice(Math.max(0, first - MOST_OF_AN_INSTRUCTION), first)}${text.slice(last)}`;
  }
  return text;
}

const mayHaveCases = (text: string): boolean =>
  occurs(text, ':', LEAST_CASES) || text.includes('：');

/** The first or the last paragraph, if it is short and speaks of the text beside it. */
function instruction(text: string): string {
  const paragraphs = text.split(/\n[ \t\r]*\n/).filter((paragraph) => paragraph.trim() !== '');
  const [first, last] = [paragraphs[0] ?? '', paragraphs.at(-1) ?? ''];
  if (paragraphs.length > 1) {
    for (const one of [last, first]) if (isInstruction(one)) return one;
  }
  return inOneParagraph(text);
}

const isInstruction = (paragraph: string): boolean =>
  paragraph.length <= MOST_OF_AN_INSTRUCTION && ABOUT_A_TEXT.test(paragraph);

/** `Summarise: …`: the instruction is the first line or sentence, or the last one. */
function inOneParagraph(text: string): string {
  const head = /^[^\n.!?。！？:：]{4,200}[\n.!?。！？:：]/.exec(text)?.[0] ?? '';
  const tail = lastSentence(text.slice(-260));
  for (const one of [head, tail]) if (one !== '' && ABOUT_A_TEXT.test(one)) return one;
  return text;
}

/** The last sentence of a text, its last 200 units where it is longer; empty where it has fewer than four. */
function lastSentence(text: string): string {
  const end = text.trimEnd().length;
  const to = ENDS_SENTENCE.includes(text.charAt(end - 1)) ? end - 1 : end;
  let from = to;
  while (from > 0 && to - from < 200 && !ENDS_SENTENCE.includes(text.charAt(from - 1))) from -= 1;
  return to - from < 4 ? '' : text.slice(from);
}
const ENDS_SENTENCE = '\n.!?。！？';
