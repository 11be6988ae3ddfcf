/** As `phone.ts` has them, but only where a word begins: no grouping supports what they say. */
export const PHONE_WORD =
  /(?<![a-z])(?:tel|phone|mob\b|wa\.me\/|fono?\b|handy|mobil|m[oó]vil|celular|cell|call\b|ll[aá]m|whatsapp|sms|text me|anruf|rufnummer|portable|contact|numéro|fax|chiam|ligar|ligue|msisdn)|電話|电话|手机|微信|携帯|전화|휴대|연락처|फ़ोन|फोन|मोबाइल|тел(?![а-яё])|телефон|моб|هاتف|جوال|موبايل|טלפון|נייד|โทร|เบอร์|điện thoại|sđt|τηλ|κινητό/;

/** Of what such words name too: 8.0.44.2502. */
export const VERSION = /^\d\.\d{1,2}\.\d{2,5}(?:\.\d{1,5})?$/;
