/**
 * Words by which a short sentence shows its language: forms of common verbs and pronouns, which titles and names seldom have, and
 * others that join words. What languages share counts only beside what is one's own.
 */
const WORD = /\p{L}+(?:['’-]\p{L}+)*/gu;

const wordsIn = (text: string): readonly string[] =>
  text.toLowerCase().replaceAll('’', "'").match(WORD) ?? [];

interface Language {
  /** Forms of verbs, and pronouns. */
  readonly saying: string;
  readonly joining: string;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  en: {
    saying:
      "is are am was were be been has have had do does did can could will would should may i you he she it we they me him them your my his her our their i'm you're it's that's don't isn't can't i'll here's there's let's welcome sorry help know think need want please",
    joining:
      'the of and or not this that these those for with from what which who when where why how one two about summarize summarise sentence explain classify fix correct rewrite translate write give tell list continue at on by if there here to in an',
  },
  es: {
    saying:
      'es está están son soy estoy eres somos hay tengo tiene tienes puedo puede puedes quiero siento yo tú usted ustedes me te le lo nos se ha he fue era ayudarte ayudarle ayudar necesito envíame gracias llama haces',
    joining:
      'el los las del al la un una unos y o pero por para con sin muy más qué cuál cuánto cómo dónde cuándo quién porque también aquí hoy sí no mi tu su sus mis en de que a',
  },
  fr: {
    saying:
      "est sont suis sommes êtes ai avez avons ont peux peut pouvez puis-je dois doit je tu il elle nous vous ils elles c'est j'ai n'est d'accord s'il merci fait font désolé désolée prie voici voilà peux-tu est-il m'aider vous-même m'envoyer bout-elle dois-je",
    joining:
      "le la les des du un une et ou mais dans pour avec sans sur très plus que qui quoi quelle quel combien où quand pourquoi aujourd'hui votre vos mon ma ton leur oui non pas en de à bien sûr l'eau",
  },
  de: {
    saying:
      'ist sind bin bist seid hat haben habe hast kann kannst können muss soll sollte werden wird wurde ich du er sie es wir ihr ihnen mir mich dir dich uns tut heißt gibt geschehen helfen möchte danke schicken kocht',
    joining:
      'der die das den dem des ein eine einen einem und oder aber nicht mit für von zu zum zur bei auf im am was wie wo wann warum wer welche welcher viel auch natürlich bitte ja nein kein keine meine mein ihre vielen in an so',
  },
  it: {
    saying:
      "è sono sei siamo siete ho hai ha abbiamo hanno posso puoi può devo io tu lui lei noi voi mi ti ci vi si c'è fa dispiace aiutarti aiutarla aiutarmi aiutare inviami grazie bolle",
    joining:
      "il lo gli i la le della del dello delle dei un una uno e o ma di a da in con su per tra che chi cosa come dove quando quanto quale perché più molto questo questa oggi sì non tuo mio l'acqua qual dell'acqua",
  },
  pt: {
    saying:
      'é são sou está estão estou tem tenho pode posso deve devo eu tu você vocês ele ela nós eles me te lhe foi sinto ajudar ajudá-lo envie obrigado obrigada ferve chegou faço',
    joining:
      'o os a as um uma do da dos das no na nos nas em de e ou mas por para com sem muito mais que qual quanto como onde quando quem porque também aqui hoje sim não meu seu sua minha ao aos à',
  },
  nl: {
    saying:
      'is zijn ben bent was heb hebt heeft hebben kan kunt kun moet mag wil ik jij je u hij zij ze wij we mij me jou u dit kookt stuur helpen gedaan bedankt spijt graag heet',
    joining:
      'de het een en of maar niet met voor van naar bij op aan wat hoe waar wanneer waarom wie welke hoeveel ook natuurlijk alstublieft ja nee geen mijn uw jouw vandaag heel erg waarmee in dat te',
  },
  pl: {
    saying:
      'jest są jestem być był mam masz ma mogę może możesz można muszę wiem ja ty on ona my wy oni mi mnie ci cię pan pani się proszę dziękuję przepraszam przykro pomóc zrobić wrze podać',
    joining:
      'i lub ale nie z ze w we na do od dla przez po czy co jak gdzie kiedy dlaczego kto jaka jaki jakie jakiego jakiej ile to ten ta te tak bardzo dziś za oczywiście mój moje twój',
  },
  sv: {
    saying:
      'är var har hade kan ska skall vill måste jag du han hon vi ni de mig dig honom henne oss er finns heter kokar skicka hjälpa tack varsågod beklagar',
    joining:
      'och eller men inte med för från till på av i om en ett den det som vad hur när varför vem vilken vilket mycket också så ja nej min mitt din ditt idag självklart två vid',
  },
  tr: {
    saying:
      "ben sen biz siz bana sana size bize eder ederim olabilirim olabilir yapmalıyım edebilir misin mısın mi mı mu var yok değil üzgünüm teşekkür rica gönderin vardır paris'tir mavidir kapalıdır kaynar",
    joining:
      've veya ama ile için bir bu şu o ne nasıl nerede neden kim hangi kaç çok daha da de evet hayır lütfen bunun bugün tabii ki günleri',
  },
  id: {
    saying:
      'adalah saya aku anda kamu kami kita mereka dia bisa dapat akan sudah belum ada membantu bantu kirimkan maaf terima kasih harus lakukan mendidih bisakah apakah',
    joining:
      'yang dan atau tetapi tidak bukan dengan untuk dari ke di pada ini itu apa bagaimana dimana kapan mengapa siapa berapa sangat juga silakan tentu hari sama banyak',
  },
  vi: {
    saying:
      'là tôi bạn có thể không được sẽ đã đang xin lỗi cảm ơn giúp gửi vui lòng phải làm bằng sôi đóng mở chúng',
    joining:
      'của và hoặc nhưng cho với từ ở trong này đó gì nào đâu khi sao ai mấy bao nhiêu rất cũng vào màu hôm nay tất nhiên một hai',
  },
};

/** A word in the languages that have it. */
interface Known {
  readonly languages: readonly string[];
  readonly isSaying: boolean;
}

const KNOWN = knownWords();

function knownWords(): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const [language, { saying, joining }] of Object.entries(LANGUAGES)) {
    const lists = [saying, joining].map((list) => new Set(list.split(' ')));
    lists.forEach((words, at) => {
      for (const word of words) {
        const { languages, isSaying } = known.get(word) ?? { languages: [], isSaying: at === 0 };
        if (languages.includes(language)) continue;
        known.set(word, { languages: [...languages, language], isSaying });
      }
    });
  }
  return known;
}

/** How many different words of a language a text has. */
interface Shown {
  /** That no other language has. */
  own: number;
  /** With those that others have, too. */
  all: number;
  /** Verbs and pronouns, of either. */
  saying: number;
}

export interface ShownWords {
  readonly words: number;
  /** Different ones that any of the languages has. */
  readonly known: number;
  readonly byLanguage: ReadonlyMap<string, Readonly<Shown>>;
}

const NOT_KNOWN: Known = { languages: [], isSaying: false };

/** Linear in the text; the caller bounds it. */
export function shownWords(text: string): ShownWords {
  const words = wordsIn(text);
  const byLanguage = new Map<string, Shown>();
  let known = 0;
  for (const word of new Set(words)) {
    const { languages, isSaying } = KNOWN.get(word) ?? NOT_KNOWN;
    if (languages.length > 0) known += 1;
    for (const language of languages) {
      const shown = byLanguage.get(language) ?? { own: 0, all: 0, saying: 0 };
      shown.all += 1;
      if (languages.length === 1) shown.own += 1;
      if (isSaying) shown.saying += 1;
      byLanguage.set(language, shown);
    }
  }
  return { words: words.length, known, byLanguage };
}

/** So many different words, and three times as many as another language has of its own, are no chance. */
const LEAST = 2;
const AHEAD = 3;

/** The language whose words a text has, at least one of them its own; undefined where they are few, or of several languages. */
export function clearLanguage({ byLanguage }: ShownWords): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [language, { own, all }] of byLanguage) {
    if (own === 0 || all <= most) continue;
    most = all;
    best = language;
  }
  if (most < LEAST) return undefined;
  for (const [language, { own, all }] of byLanguage)
    if (language !== best && (AHEAD * own > most || (own > 0 && all >= most))) return undefined;
  return best;
}
