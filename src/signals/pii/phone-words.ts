/** As `phone.ts` has them, but only where a word begins: no grouping supports what they say. */
export const PHONE_WORD =
  /(?<![a-z])(?:tel|phone|fono?\b|handy|mobil|m[oó]vil|celular|cell|call\b|ll[aá]m|whatsapp|sms|text me|anruf|rufnummer|portable|contact|numéro|fax|chiam|ligar|ligue|msisdn)|電話|电话|手机|携帯|전화|휴대|फोन/;
