/**
 * The words by which tasks of chat front ends are recognised. English, and what common front ends say in others. Without the flag `u`,
 * with which looking without regard to capitals takes twice as long.
 */

export const clientTaskKinds = ['title', 'tags', 'follow-ups', 'query', 'memory'] as const;

export type ClientTaskKind = (typeof clientTaskKinds)[number];

/** The conversation, its messages or its person, as what the task is about. */
const REFERENCE =
  /\b(?:this|that|the|our|following|above|an?|given|preceding|previous|ongoing|user(?:'s|s)?|coding|each|full|of|first|latest|last|la|el|die|der|das|diese[sr]?|cette|esta|este|questa)\s+(?:[\w'’-]+\s+){0,3}?(?:conversations?|chats?|dialogues?|discussions?|threads?|exchanges?|sessions?|messages?|history|request|query|prompt|interactions?|user|human|person|conversaci[oó]n|conversa|unterhaltung|gespr[aä]ch|chatverlauf)\b(?!\s+(?:apps?|applications?|bots?|rooms?|windows?|features?|pages?|widgets?|clients?|server))|\bchat history\b|\bconversation(?: history)?\b|\bthe (?:story|roleplay|events) so far\b|conversa[çz]|диалог|разговор|бесед|переписк|대화|对话|會話|会话|聊天|谈话|会話/i;

/** Every match of `REFERENCE` has one of these, most texts none: looking for them takes a third of the time. */
const TOPIC =
  /conversa|chat|dialog|discussion|thread|exchange|session|message|history|request|query|prompt|interaction|user|human|person|unterhaltung|gespr|so far|диалог|разговор|бесед|переписк|대화|对话|會話|会话|聊天|谈话|会話/i;

export const isAboutConversation = (text: string): boolean =>
  TOPIC.test(text) && REFERENCE.test(text);

/** What one asks of a program rather than of a partner in a conversation: an answer that can be stored. */
export const RESTRICTION =
  /\b(?:only|nothing else|no (?:punctuation|quotes?|quotation|explanation|additional|extra|other|preamble|more)|without (?:any|quot|punct|lead|additional)|do not (?:answer|include|use|add|respond)|don't (?:answer|include|use|add)|json|words?|characters|concise|omit|short|brief|emoji|comma|array|list|format|so far|existing|future|later)\b|只|不要|简短|以内|字|JSON/i;

/** A conversation inside of a message: in a tag, under a label, or line by line with its speakers. */
export const TRANSCRIPT =
  /<(?:chat|conversation|messages?|history|transcript|dialog(?:ue)?|session)[\w-]*(?:\s[^<>]{0,100})?>|^[^\w\n]{0,8}(?:user|human|assistant|ai|bot|response|customer|model|system|用户|助手)[^\w\n]{0,4}[:：]|^[^\w\n]{0,8}(?:the )?(?:current |full |recent )?(?:conversation|chat|history|chat history|messages|transcript|dialogue)(?: history| so far)?[^\w\n]{0,4}[:：]|"role"\s*:\s*"(?:user|assistant)"/im;

const ACTS =
  /\b(?:generat\w*|creat\w*|writ\w*|provid\w*|giv\w*|produc\w*|suggest\w*|propos\w*|extract\w*|craft\w*|come up|summari[sz]\w*|nam(?:e|ing)|assign\w*|label\w*|predict\w*|formulat\w*|reformulat\w*|rephras\w*|rewrit\w*|re-?writ\w*|convert\w*|analy[sz]\w*|determin\w*|return\w*|respond\w*|reply|output\w*|make|pick|choose|condens\w*|compact\w*|compress\w*|updat\w*|stor\w*|sav\w*|list|identif\w*|categori[sz]\w*|classif\w*|tag|recommend\w*|turn|transform\w*|manag\w*|organi[sz]\w*|maintain\w*|remember\w*|record\w*|consolidat\w*|detect\w*|need|please|what|genera|crea|escribe|resume|sugiere|erstelle|schreib\w*|schlag\w*|fasse|génère|génere|écris|propose|crée|résume|gere|crie|sugira|escreva|extraia|resuma|scrivi|suggerisci|estrai|riassumi)\b|придума|созда|сгенериру|предлож|напиш|извлек|изложи|만들|생성|작성|제안|요약|추출|付けて|作って|提案|生成|总结|提取|给出|创建|写|改写|重写|建议|预测|提炼|概括|命名|作成|生成/i;
/** "You are a title generator": the act is in the name of the role. */
export const ROLE =
  /\b(?:you are|you're|act as|your (?:task|job|role|goal)|tasked?)\b|你是|助手|助理/i;

/** Whether a sentence asks for something to be made; a role in a system prompt counts as asking. */
export const actsOn = (sentence: string, isSystem: boolean): boolean =>
  ACTS.test(sentence) || (isSystem && ROLE.test(sentence));

interface Product {
  readonly kind: ClientTaskKind;
  readonly product: RegExp;
  /** The words name such a task by themselves: no more of the layout is asked. */
  readonly isClear?: true;
}

/** In this order: a query is made from a "follow-up question", and a title may be asked "to summarise". */
export const products: readonly Product[] = [
  {
    kind: 'query',
    isClear: true,
    product:
      /\b(?:stand-?alone|self-?contained|context-?free) (?:\w+ )?(?:question|query|message|request|search)|\bquestion rephraser\b|\bquery (?:rewriter|rewriting|generation|generator|rephraser)\b/i,
  },
  {
    kind: 'query',
    product:
      /\b(?:search(?: engine)?|web|retrieval|lookup|internet) (?:quer(?:y|ies)|terms?|keywords?|phrases?)\b|\b(?:rephras|rewrit|reformulat|condens)\w*\b.{0,80}\b(?:question|query|message|input)\b|\bquer(?:y|ies)\b.{0,60}\b(?:search|retriev|look up|vector|index)|(?:搜索|检索|查询)(?:词|关键词|语句|查询)|独立.{0,8}问题|検索(?:クエリ|キーワード)|поисков[а-яё]* запрос|검색어|\b(?:consultas? de (?:búsqueda|pesquisa)|suchanfragen?|requêtes? de recherche)\b/i,
  },
  {
    kind: 'title',
    product:
      /\b(?:titles?|headline|título|titre|titel|überschrift)\b|\b(?:a |the )?(?:short |concise |brief )?(?:topic|name) (?:for|of|that|which|summari[sz]ing)\b|\bnam(?:e|ing) (?:this|the) (?:\w+ )?(?:conversation|chat|thread|discussion|session)|\b(?:conversation|chat|thread|discussion) a (?:\w+ )?name\b|\bsummari[sz]e\b.{0,60}\b(?:in|into)\b.{0,40}\b(?:two|three|four|five|six|seven|eight|[2-8])(?:-| )words?\b|\btitolo\b|заголов|название|제목|标题|題名|タイトル|命名/i,
  },
  {
    kind: 'follow-ups',
    product:
      /\bfollow-?\s?ups?\b|\b(?:next|likely|related|suggested|relevant) (?:\w+ ){0,2}(?:questions|prompts|messages|replies)\b|\b(?:questions?|prompts?|repl(?:y|ies)|messages?|things?)\b.{0,40}\b(?:user|human|person|they) (?:might|would|could|may|will|can|is likely)\b|\b(?:questions?|prompts?|repl(?:y|ies)|messages?)\b.{0,40}\bI (?:might|could|can|may) (?:send|ask|say)\b|\bsuggestions?\b.{0,60}\bconversation\b|perguntas de (?:acompanhamento|seguimento)|domande (?:successive|di approfondimento)|уточняющ|следующ[а-яё]* вопрос|후속 질문|フォローアップ|preguntas de seguimiento|folgefragen|questions de suivi|(?:后续|追问|接下来|下一步).{0,12}(?:问题|提问)/i,
  },
  {
    kind: 'tags',
    product:
      /\b(?:tags|keywords|hashtags|(?:broad |main )?(?:categories|labels)|etiquetas|etichette|schlagw[oö]rter)\b|étiquettes|ключевы|теги|тегов|태그|키워드|标签|關鍵詞|关键词|タグ/i,
  },
  {
    kind: 'memory',
    isClear: true,
    product:
      /\b(?:memory|memories) (?:manager|extract\w*|agent|assistant|keeper|summar\w*|updat\w*|curator|organi[sz]er)\b|\bpersonal information organi[sz]er\b|\b(?:compact|condense)\b.{0,60}\b(?:context window|conversation)\b|\bcontext (?:checkpoint )?compaction\b|\bhandoff summary\b.{0,40}\b(?:llm|model|agent|assistant)\b/i,
  },
  {
    kind: 'memory',
    product:
      /\b(?:memor(?:y|ies)|(?:key |important |personal |lasting )?(?:facts|preferences|information|details) (?:about|from|of|on|that)\b)|\bsummar(?:y|i[sz]e[sd]?|i[sz]ing|ies)\b|\bcondens|\bcompact|记忆|摘要|总结|概括|要約|zusammenfass|resumen|résum|riassu|кратко|резюм|요약/i,
  },
];

/** Those that need no more of the layout. */
export const clearProducts: readonly Product[] = products.filter(({ isClear }) => isClear === true);
