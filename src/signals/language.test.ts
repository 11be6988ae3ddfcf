import fc from 'fast-check';
import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { language } from './language.ts';
import { shippedIdentifier } from './language/shipped.ts';
import { taskReader } from './text/reader.ts';

const signal = language(taskReader(), shippedIdentifier());
const read = (text: string) => signal.evaluate(featuresOf(text));

/** Any UTF-16 unit, lone surrogates included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

test.each([
  ['en', 'Where is my order? It should have been here yesterday'],
  ['es', '¿Dónde está mi pedido? Tenía que llegar ayer'],
  ['fr', 'Où est ma commande ? Elle devait arriver hier'],
  ['de', 'Wo ist meine Bestellung? Sie sollte gestern ankommen'],
  ['it', "Dov'è il mio ordine? Doveva arrivare ieri"],
  ['pt', 'Onde está a minha encomenda? Devia ter chegado ontem'],
  ['nl', 'Waar is mijn bestelling? Die had gisteren moeten komen'],
  ['pl', 'Gdzie jest moje zamówienie? Miało przyjść wczoraj'],
  ['sv', 'Var är min beställning? Den skulle ha kommit igår'],
  ['tr', 'Siparişim nerede? Dün gelmesi gerekiyordu'],
  ['ca', 'On és la meva comanda? Havia d’arribar ahir'],
  ['ro', 'Unde este comanda mea? Trebuia să ajungă ieri'],
  ['cs', 'Kde je moje objednávka? Měla přijít včera'],
  ['hu', 'Hol van a rendelésem? Tegnap kellett volna megérkeznie'],
  ['fi', 'Missä tilaukseni on? Sen piti saapua eilen'],
  ['ru', 'Где мой заказ? Он должен был прийти вчера'],
  ['uk', 'Де моє замовлення? Воно мало прийти вчора'],
  ['el', 'Πού είναι η παραγγελία μου; Έπρεπε να φτάσει χθες'],
  ['ar', 'أين طلبي؟ كان يجب أن يصل أمس'],
  ['he', 'איפה ההזמנה שלי? היא הייתה צריכה להגיע אתמול'],
  ['hi', 'मेरा ऑर्डर कहाँ है? उसे कल आना था'],
  ['ja', '注文はどこですか。昨日届くはずでした'],
  ['zh', '我的订单在哪里？昨天就应该到了'],
  ['ko', '제 주문은 어디에 있나요? 어제 도착했어야 했어요'],
])('%s: %s', (code, text) => {
  expect(read(text)).toMatchObject({ kind: 'score', value: code });
});

test.each([
  ['en', 'I forgot my password'],
  ['es', 'He olvidado mi contraseña'],
  ['en', 'hello'],
  ['es', 'hola'],
  ['en', 'refund'],
  ['es', 'reembolso'],
  ['en', 'password reset'],
  ['de', 'Rechnung bitte'],
  ['fr', 'merci'],
])('short messages of customers: %s, "%s"', (code, text) => {
  expect(read(text)).toMatchObject({ kind: 'score', value: code });
});

test.each([
  'SELECT name, COUNT(*) FROM users GROUP BY name',
  'for (let i = 0; i < 10; i++) { console.log(i); }',
  'def f(x):\n    return x + 1',
  'git rebase -i HEAD~3',
  'npm install --save-dev vitest',
  '#include <stdio.h>\nint main(void) { return 0; }',
  '{"name": "Ana", "age": 3}',
  'https://example.com/a/b?c=d',
  'SGVsbG8gd29ybGQhIFRoaXMgaXMgYmFzZTY0IHRleHQ=',
])('program text is no language: "%s"', (text) => {
  expect(read(text)).toMatchObject({ kind: 'abstain', cause: 'not_applicable' });
});

test.each([
  [
    'es',
    '¿Por qué falla esto?\n\nfor (let i = 0; i < 10; i++) {\n  console.log(items[i].name);\n}',
  ],
  [
    'en',
    'Please translate what this customer says: "Buenas, el repartidor dejó la caja con mi vecina"',
  ],
  ['ko', 'div 안에 글자 세로 가운데 정렬이 안돼요 text-align:center; height:200px'],
  ['zh', '设 $f$ 在 $[0,1]$ 上连续可导,$f(0)=f(1)=0$,证明 $\\int_0^1 f^2 dx$'],
  ['id', 'kak saya udah transfer dari tadi pagi tapi statusnya masih nunggu pembayaran'],
  ['ms', 'macam mana nak tukar kata laluan saya, tak boleh masuk'],
  ['hi', 'mera card kho gaya hai abhi kya karu, naya kitne din me aayega'],
])('what somebody says decides, not what stands beside it: %s, "%s"', (code, text) => {
  expect(read(text)).toMatchObject({ kind: 'score', value: code });
});

test.each(['12345', '', '...', '👍👍', 'hi', 'ok', '4539 ok'])(
  'it abstains where there is nothing to read: "%s"',
  (text) => {
    expect(read(text)).toMatchObject({ kind: 'abstain', cause: 'not_applicable' });
  },
);

test('its confidence is a probability whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit }), (text) => {
      const reading = read(text);
      if ('score' in reading) {
        expect(reading.score).toBeGreaterThanOrEqual(0.5);
        expect(reading.score).toBeLessThanOrEqual(1);
      }
    }),
  );
});
