/** The check `copied`: what was to be extracted does not stand in the text. */
import type { Check } from './check.ts';

/** The task asks for something that stands in the text. */
export const EXTRACTS =
  /\b(?:extract|find|what(?:'|’)?s? (?:is )?the|which|identify|return|give me the|extrae|extraer|encuentra|cu[aá]l es|identifica|devuelve|extrahiere|finde|nenne|extrais|trouve|quel(?:le)? est)\b[^.\n]{0,60}\b(?:order|invoice|tracking|reference|ticket|case|account|customer|serial|phone|e-?mail|address|id|number|code|n[uú]mero|pedido|factura|referencia|correo|direcci[oó]n|c[oó]digo|bestell\w*|rechnung\w*|nummer|commande|facture|num[ée]ro)\b/iu;
/** What could be copied: numbers of four digits and more, codes of letters and digits, addresses. */
const COPIED = /[\w.+-]+@[\w-]+\.[\w.]+|\b(?=[\w-]*\d)[A-Z0-9][A-Z0-9-]{3,}\b|\b\d{4,}\b/gi;
/** Each of them has one of these; most answers have none. */
const SIGN = /[\d@]/;
/** Longer answers explain, and may name what they like. */
const MOST_UNITS = 300;

/** A number, code or address that is asked for and that nothing the model read holds. */
export const copied: Check = {
  name: 'copied',
  find: ({ text }, asked) => {
    const { task } = asked;
    if (text.length > MOST_UNITS || !SIGN.test(text)) return undefined;
    const found = text.match(COPIED);
    if (found === null || !EXTRACTS.test(task)) return undefined;
    const given = asked.given();
    if (given.match(COPIED) === null) return undefined;
    const held = bare(given);
    return found.some((one) => held.includes(bare(one)))
      ? undefined
      : 'it names what does not stand in the text';
  },
};

const bare = (text: string): string => text.toLowerCase().replaceAll(/[\s._-]/g, '');
