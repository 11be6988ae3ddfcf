/** A person's own words beside sections of context: under headings, after labels, between rules. */
import { isContextTitle, isRequestTitle, nameWords } from './context-names.ts';

/** Characters. A longer text is not searched: that would be noticed by other requests. */
const MAX_CHARS = 100_000;
/** Words of a person that follow a section without a heading of their own are at most so long (characters). */
const MAX_CHARS_OF_A_QUESTION = 2000;
/** `# Title`, `**Title**`, `[Title]`, `--- Title ---`, `<!-- Title -->`, `Title:`, each alone on its line; a rule; a fence. */
const HEADING =
  /^[ \t]*(?:(#{1,6})[ \t]+([^\n]{1,80})|\*\*([^*\n]{1,80})\*\*:?|\[([^\]\n]{1,80})\]:?|(?:[-=]{3,}|<!--|\{\{)[ \t]*([\p{L}/][^\n]{0,80}?)[ \t]*(?:[-=]{3,}|-->|\}\})|([\p{Lu}][^\n:.]{1,80})(?::|\.(?=[ \t]*\n[ \t]*[-=]{3}))|([-=*_]{3,})|(```|~~~)[^\n]*)[ \t]*$/muy;
/** Where `^` matches, beside the beginning and what stands behind a line feed. */
const RARE_LINE_ENDS = ['\r', '\u2028', '\u2029'];
/** `Question: …` on one line asks after a section of context. */
const INLINE_REQUEST =
  /^[ \t]*((?:user(?:'s)? |my )?(?:question|query|request|message|prompt|task|input|frage|pregunta|demande|domanda|pergunta|问题))[ \t]*[:：][ \t]*(?=\S)/gim;
/** A template's opening sentence about what is retrieved; without headings, the question has a label at the end. */
const ABOUT_WHAT_FOLLOWS =
  /^.{0,40}\b(?:use|using|based on|given|answer)\b.{0,80}\b(?:context|documents?|sources?|information|passages|snippets|excerpts)\b/i;
const COLONS = [':', '：'];
/** `AGENTS.md instructions for /srv/app`: what a title says of a file names nothing. */
const PATH = /\S*[/\\]\S*|\S+\.\w{2,4}\b/g;
const ANSWER_LABEL = /\n[ \t]*(?:\w+ )?(?:answer|response|output|assistant)[ \t]*:\s*$/i;
/** A paragraph that goes on with a section: a list, a table, a pair of name and value, a quotation. */
const PART_OF_SECTION = /^[ \t]*(?:[-*+•>|{[(]|\d+[.)]|\S{1,30}[:=])/;
/** Labels are less sure than headings: these are anybody's words unless others stand beside them. */
const WEAK_LABEL =
  /^(?:notes|rules|background|guidelines|instructions|files?|documents?|references|sources|documentation|preferences)$/i;

type Kind = 'context' | 'request' | 'other';

interface Section {
  readonly kind: Kind;
  readonly text: string;
}

interface Heading {
  readonly kind: Kind | 'rule';
  /** 1 to 6; 7 for a heading that is no Markdown. */
  readonly level: number;
  readonly at: number;
  readonly end: number;
}

/**
 * The words outside of all sections of context, or under the heading that names a request; empty
 * where there are none. A text without such sections is returned as it is.
 */
export function headedWords(text: string): string {
  if (text.length > MAX_CHARS) return text;
  const sections = sectionsOf(text, headingsOf(text));
  if (!sections.some(({ kind }) => kind === 'context')) {
    const mayAsk = COLONS.some((colon) => text.includes(colon)) && ABOUT_WHAT_FOLLOWS.test(text);
    return (mayAsk ? inlineRequest(text) : undefined) ?? text;
  }
  const asked = textOf(sections, 'request');
  if (asked !== '') return asked.replace(ANSWER_LABEL, '');
  const first = sections.findIndex(({ kind }) => kind === 'context');
  const following = sections.slice(first).map((section) => section.text);
  const inline = inlineRequest(following.join('\n'));
  if (inline !== undefined) return inline;
  const outside = textOf(sections, 'other');
  return outside === '' ? lastParagraph(sections.at(-1)?.text ?? '') : outside;
}

function textOf(sections: readonly Section[], wanted: Kind): string {
  const texts = sections.filter(({ kind }) => kind === wanted).map(({ text }) => text.trim());
  return texts.filter((text) => text !== '').join('\n\n');
}

function headingsOf(text: string): readonly Heading[] {
  const headings: Heading[] = [];
  const hasRare = RARE_LINE_ENDS.some((end) => text.includes(end));
  for (let at = 0; at !== -1;) {
    HEADING.lastIndex = at;
    const found = hasRare || mayBeHeading(text, at) ? HEADING.exec(text) : null;
    const fence = found?.[8];
    let next = found === null ? at : HEADING.lastIndex;
    if (fence !== undefined) {
      const close = text.indexOf(`\n${fence}`, next);
      next = close === -1 ? text.length : close + fence.length + 1;
    } else if (found !== null) headings.push({ ...titleOf(found), at, end: next });
    at = lineAfter(text, next, hasRare);
  }
  return headings;
}

/** Whether the line at `from` begins with a sign of headings, or ends as one without such does; most lines need no more than that. */
function mayBeHeading(text: string, from: number): boolean {
  const feed = text.indexOf('\n', from);
  let [first, last] = [from, feed === -1 ? text.length - 1 : feed - 1];
  while (isBlank(text, first)) first += 1;
  while (isBlank(text, last)) last -= 1;
  if (BEGINS.includes(text.charAt(first))) return true;
  const end = text.charAt(last);
  return end === ':' || (end === '.' && feed !== -1);
}
const BEGINS = '#*[-=<{_`~';
const isBlank = (text: string, at: number): boolean =>
  text.charAt(at) === ' ' || text.charAt(at) === '\t';

/** Where the next line begins; -1 behind the last. */
function lineAfter(text: string, from: number, hasRare: boolean): number {
  if (!hasRare) return text.indexOf('\n', from) + 1 || -1;
  LINE_END.lastIndex = from;
  return LINE_END.test(text) ? LINE_END.lastIndex : -1;
}
const LINE_END = /[\n\r\u2028\u2029]/g;

function titleOf(found: RegExpExecArray): Pick<Heading, 'kind' | 'level'> {
  if (found[7] !== undefined) return { kind: 'rule', level: 7 };
  const label = found[6];
  const title =
    found
      .slice(2, 7)
      .find((part) => part !== undefined)
      ?.trim() ?? '';
  const named = nameWords(title.replace(/^\//, '').replace(PATH, ''));
  const level = found[1]?.length ?? 7;
  if (label !== undefined && WEAK_LABEL.test(title)) return { kind: 'other', level };
  if (isRequestTitle(named)) return { kind: 'request', level };
  if (!isContextTitle(named)) return { kind: 'other', level };
  const isEnd = named[0] === 'end' || title.startsWith('/');
  return { kind: isEnd ? 'rule' : 'context', level };
}

function sectionsOf(text: string, headings: readonly Heading[]): readonly Section[] {
  const sections: Section[] = [];
  let kind: Kind = 'other';
  let level = 0;
  let from = 0;
  for (const heading of headings) {
    const before = text.slice(from, heading.at);
    if (!isBoundary(heading, { kind, level, isEmpty: before.trim() === '' })) continue;
    sections.push({ kind, text: before });
    kind = heading.kind === 'rule' ? 'other' : heading.kind;
    level = heading.level;
    from = kind === 'other' && heading.kind !== 'rule' ? heading.at : heading.end;
  }
  sections.push({ kind, text: text.slice(from) });
  return sections;
}

interface Open {
  readonly kind: Kind;
  readonly level: number;
  readonly isEmpty: boolean;
}

/** Whether a heading ends the open section: a deeper one belongs to it, and so does a rule right below its title. */
function isBoundary(heading: Heading, { kind, level, isEmpty }: Open): boolean {
  if (heading.kind === 'context') return true;
  if (kind === 'request') return false;
  if (heading.kind === 'request') return kind === 'context';
  if (kind === 'other') return false;
  if (heading.kind === 'rule') return !isEmpty;
  return heading.level < 7 && heading.level <= level;
}

function inlineRequest(text: string): string | undefined {
  const last = [...text.matchAll(INLINE_REQUEST)].at(-1);
  if (last === undefined) return undefined;
  return text
    .slice(last.index + last[0].length)
    .replace(ANSWER_LABEL, '')
    .trim();
}

/** What a person wrote below a section, if it is a paragraph of its own and does not go on with the section. */
function lastParagraph(section: string): string {
  const paragraphs = section.trim().split(/\n[ \t]*\n/);
  const last = paragraphs.length > 1 ? (paragraphs.at(-1) ?? '').trim() : '';
  return last.length > MAX_CHARS_OF_A_QUESTION || PART_OF_SECTION.test(last) ? '' : last;
}
