/** Greetings, thanks and goodbyes by themselves, in six languages and a few words of others. */

/** One of these says what it is. */
const HEADS = new Set(
  (
    'hi hello hey hiya howdy greetings morning afternoon evening night thanks thank thx ty cheers bye goodbye farewell ' +
    'hola buenos buenas gracias adiós adios hasta hallo guten moin servus dank danke dankeschön tschüss tschüs wiedersehen ' +
    'bonjour bonsoir salut merci ciao buongiorno buonasera grazie arrivederci olá ola bom boa obrigado obrigada tchau'
  ).split(' '),
);
/** These may stand beside it. */
const BESIDE = new Set(
  (
    'there all everyone good you so very much a lot many again for your the this help time answer and to in advance have nice day see later soon ' +
    'it that helped great perfect ok okay días dias tardes noches muchas muchísimas por la el ayuda tu su luego mañana y de nada ' +
    'tag morgen abend nacht vielen sehr schön für die deine ihre hilfe auf und bis bald beaucoup pour votre ton aide et bientôt ' +
    'mille tante molte per il tuo aiuto dia tarde noite muito pela sua ajuda até logo'
  ).split(' '),
);
const MOST_WORDS = 10;
/** Without blanks between words, or with marks within them. */
const OTHERS =
  /^\P{L}*(?:(?:どうも)?ありがとう(?:ございます|ございました)?|こんにちは|こんばんは|おはよう(?:ございます)?|さようなら|谢谢(?:你|您)?|你好|您好|再见|감사합니다|고맙습니다|안녕하세요|안녕|नमस्ते|धन्यवाद|شكرا|مرحبا|спасибо|привет|здравствуйте|до свидания)\P{L}*$/iu;

/** The whole task is one, and asks nothing. */
export function isCourtesy(task: string): boolean {
  if (task.length > MOST_UNITS || task.includes('?')) return false;
  const words = task.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  if (words.length <= MOST_WORDS && words.some((word) => HEADS.has(word)))
    return words.every((word) => HEADS.has(word) || BESIDE.has(word));
  return OTHERS.test(task);
}

const MOST_UNITS = 80;
