/** Secrets that a word announces, that stand in a URL, or that have the form of a provider's key or webhook. */

/** Forms of providers' keys that `secrets.ts` does not read letter by letter; each from the provider's own pages. */
export const PROVIDER_KEYS = new RegExp(
  [
    'https://hooks\\.slack\\.com/(?:services|workflows|triggers)/[\\w/-]{12,120}',
    'https://(?:\\w+\\.)?discord(?:app)?\\.com/api/webhooks/\\d{10,22}/[\\w-]{20,120}',
    'https://[\\w.-]{1,80}\\.webhook\\.office\\.com/[\\w@/-]{20,240}',
    'https://[\\w.-]{1,80}\\.logic\\.azure\\.com[\\w:/?&=.%-]{20,300}',
    'https://(?:chat\\.googleapis\\.com/v1/spaces|open\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot)/[\\w?&=/.%-]{16,240}',
    'https://(?:oapi\\.dingtalk\\.com/robot/send\\?access_token=|hooks\\.zapier\\.com/hooks/catch/|maker\\.ifttt\\.com/)[\\w/-]{8,120}',
    '\\b\\d{8,10}:AA[\\w-]{33}\\b',
    '\\b(?:key|pubkey)-[\\da-z]{32}\\b',
    '\\b[\\da-f]{32}-us\\d{1,2}\\b',
    '\\b(?:SK|AC)[\\da-f]{32}\\b',
    '\\bSG\\.[\\w-]{16,64}\\.[\\w-]{16,64}',
    '\\bxkeysib-[\\da-f]{64}-\\w{16}\\b',
    '\\bre_[A-Za-z\\d]{8}_[A-Za-z\\d]{16,40}\\b',
    '\\bsq0(?:atp|csp|idp)-[\\w-]{22,43}',
    '\\bshp(?:at|ca|pa|ss)_[\\da-f]{32}\\b',
    '\\bdapi[\\da-f]{32}\\b',
    '\\b(?:gsk|pcsk|ntn|figd|hvs|glsa|glc|lin_api|dckr_pat|sntrys|tvly|pat|sbp|rnd|fly|nvapi|pplx|xai|r8|whsec|vercel|eyJhbGci)[_.-][\\w.-]{24,200}',
    '\\bpypi-AgEIcHlwaS5vcmc[\\w-]{50,200}',
    '\\bNRAK-[A-Z\\d]{27}\\b',
    '\\bATATT3[\\w=-]{40,240}',
    '\\bAGE-SECRET-KEY-1[A-Z\\d]{58}\\b',
    '\\b(?:rk|pk|sk)_(?:live|test)_[A-Za-z\\d]{16,120}',
    '(?:AccountKey|SharedAccessKey)=[A-Za-z\\d+/]{40,100}={0,2}',
    '\\bsig=[A-Za-z\\d%+/]{40,120}',
  ].join('|'),
  'g',
);

const WORD =
  'passwor[dt]|passwd|pwd|passphrase|passcode|contraseña|clave|mot de passe|senha|wachtwoord|kennwort|parola d.ordine|пароль|密码|密碼|パスワード|비밀번호|api[_ -]?key|apikey|secret(?:[_ -]?key)?|access[_ -]?(?:token|key)|auth[_ -]?token|client[_ -]?secret|private[_ -]?token|bearer|credentials?';

/** The last words of these, in small Latin letters, as far as they go: one stands before each secret that is announced, or a letter beyond. */
export const ANNOUNCING_WORDS: readonly string[] =
  'password passwort passwd pwd passphrase passcode contrase clave passe senha wachtwoord kennwort ordine parola apikey key secret secretkey accesstoken accesskey token authtoken clientsecret privatetoken bearer credential credentials'.split(
    ' ',
  );

/** `password: …`, `pwd=…`, `"api_key": "…"`, `my password is …`. The value is the first group. */
export const ANNOUNCED = new RegExp(
  String.raw`(?<![A-Za-z\d])(?:\w{0,20}[_-])?(?:${WORD})["'\x60]?\s{0,3}(?::=|=>|[:=：]|\bis\b|\bes\b|\bist\b|\best\b|\bé\b|是|は)\s{0,3}["'\x60]?([^\s"'\x60,;<>]{6,200})`,
  'giu',
);
export const AUTHORIZATION = /\b(?:Bearer|Basic)\s+([A-Za-z\d+/_.~-]{16,400}={0,2})/g;
/** `scheme://user:secret@host`. */
export const IN_URL =
  /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s/:@"'<>]{0,80}:([^\s/@"'<>]{3,120})@[\w.-]+/gi;
export const IN_QUERY =
  /[?&](?:access_token|api_?key|key|token|auth|signature|sig|secret|password|pwd)=([\w%.~+/-]{12,300})/gi;

/**
 * Said to be a secret, and not code that reads or names one: it has a digit or a mark beside its letters, calls nothing,
 * and is no variable, type, placeholder or example.
 */
export function isSecret(value: string): boolean {
  const bare = value.replace(/[.)\]}]+$/, '');
  if (bare.length < 6 || CODE.test(bare) || PLACEHOLDER.test(bare)) return false;
  if (/^[A-Za-z]+$/.test(bare) || /^[A-Z\d_]+$/.test(bare) || /^[\d.,%]+$/.test(bare)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d_.-]/].filter((kind) => kind.test(bare)).length;
  return kinds >= 2 && /[\d!@#$%^&*?~+-]/.test(bare);
}

const CODE =
  /[([{\\|]|^\$|^%|^&|::|->|=>|==|^(?:self|this|os|process|config|env|settings|req|request|user|args|options|data|params|input|str|props|body|ctx|secrets|vault|ssm)\b[.[]|^\w+\.\w+(?:\.\w+)*$|^[a-z]+(?:[A-Z][a-z]+)+$|^[a-z]+(?:[_-][a-z]+)+$|^\/|^https?:/;
const PLACEHOLDER =
  /^[*x•.…_-]+$|your|example|changeme|placeholder|redacted|insert|dummy|<|\.\.\.|xxx/i;
