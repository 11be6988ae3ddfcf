/** By which names of tags and headings clients mark the context that they add, and the request itself. */

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** One of these makes a name that of context. */
const CONTEXT = words(
  'environment env reminder reminders memory memories context workspace editor ide retrieved retrieval ' +
    'knowledge document documents documentation attached attachment attachments attributes profile preferences cwd ' +
    'datetime citation citations sources references personalization customization persona skills skill ' +
    'diagnostics linter terminal terminals snippets passages chunks excerpts hooks hook rules ' +
    'background metadata notes files file instructions guidelines kb lsp stdout stderr ' +
    'kontext umgebung erinnerungen notizen dokumente hintergrund wissen anweisungen quellen ' +
    'contexto memorias notas documentos conocimiento instrucciones fuentes fondo ' +
    'contexte mémoire souvenirs connaissances sources contesto ricordi memorie documenti istruzioni fonti ' +
    'memórias conhecimento instruções fontes контекст память документы заметки ' +
    '上下文 背景 背景信息 已知信息 参考资料 参考信息 知识库 检索结果 文档 记忆 コンテキスト 参考情報',
);
/** These do so only beside other words: alone they are elements of HTML, or words of anybody's. */
const CONTEXT_IN_COMPOUNDS = words(
  'system date time data details info information settings history summary search results project ' +
    'repository repo git status layout structure tree tools tool state mode selection session visible ' +
    'open tabs windows progress todo todos source reference code additional custom recent directory style',
);
/** Beside the above these may stand in a heading. */
const BESIDE = words(
  'the a an of for from in on at to your my our this these those and or is are was be here some that which may might help ' +
    'below above following current relevant related additional past previous earlier available provided given useful ' +
    'user users s about with by it its conversation conversations chat long term things facts what i we you know ' +
    'remember remembered saved stored known setup active working base codebase now today as begin start end ' +
    'pieces note web page pages article articles list set per have has been response answering answer query question ' +
    'der das aus zum zur von und los las del de du des le les et e y el',
);
const REQUEST = words(
  'task request query question message prompt input feedback answer ' +
    'frage anfrage aufgabe nachricht pregunta consulta solicitud mensaje tarea demande requête tâche ' +
    'domanda richiesta messaggio pergunta mensagem вопрос запрос 问题 用户问题 用户提问 请求 質問',
);
const OWNERS = words(
  'user users my the current latest new actual original human s meine die mi la ma minha mia il',
);
/** With more words it is a sentence rather than a heading. */
const MAX_TITLE_WORDS = 12;

/** `userRequest`, `environment_details`, `Open files` → their words in lower case. */
export function nameWords(name: string): readonly string[] {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether a tag of this name holds context. */
export const isContextName = (name: readonly string[]): boolean =>
  name.some((word) => CONTEXT.has(word)) ||
  (name.length > 1 && name.some((word) => CONTEXT_IN_COMPOUNDS.has(word)));

/** Whether a tag of this name holds what the person asks: `task`, `user_query`. */
export const isRequestName = (name: readonly string[]): boolean =>
  REQUEST.has(name.at(-1) ?? '') && name.slice(0, -1).every((word) => OWNERS.has(word));

/** Whether a heading names context: no word of it says anything else. */
export function isContextTitle(title: readonly string[]): boolean {
  if (title.length > MAX_TITLE_WORDS || !isContextName(title)) return false;
  return title.every((word) => isNamed(word) || /^\d+$/.test(word));
}

const isNamed = (word: string): boolean =>
  CONTEXT.has(word) || CONTEXT_IN_COMPOUNDS.has(word) || BESIDE.has(word);

/** Whether a heading names the request: "My request for the agent", "User's question". */
export function isRequestTitle(title: readonly string[]): boolean {
  const own = title.includes('for') ? title.slice(0, title.indexOf('for')) : title;
  return isRequestName(own);
}
