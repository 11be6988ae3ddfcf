/** Words that join others, and how words are told and compared. */

/** Words that join others, of seven languages in Latin letters; as `joins` folds them. */
const JOINING = new Set(
  `a about after all also am an and any are as at be because been before between but by can could did do does down
  each for from get give had has have he her here him his how i if in into is it its just like make many me more most
  my no not now of on one only or our out over per please she should so some than that the their them then there these
  they this those to too under until up us use used using very via was we were what when where which who whose why
  will with without would write you your explain show tell don't i'm it's what's dont whats
  al algo asi bajo cada como con cual cuales cuando cuanto cuanta cuantos cuantas de del desde donde e el ella ellas
  ellos en entre era eran eres es esa ese eso esta estas este esto estos fue ha hace hacer han hasta hay la las le les
  lo los mas me mi mis muy ni no nos nosotros o para pero por porque puede puedo que quien se sea ser si sin sobre son
  soy su sus tambien te tiene tengo todo toda todos todas tu tus un una unas uno unos usted y ya yo
  au aux avec c'est ce ces cet cette chez comment dans des donc dont du elle elles est et etait etre il ils j'ai je
  leur leurs lui ma mais mes moi mon ne notre nous on ou par pas plus pour pourquoi qu'est quand que quel quelle
  quelles quels qui quoi sa sans ses si son sont sous sur ta tes toi ton tous tout toute tres une votre vous
  aber als am an auch auf aus bei bin bis bitte da damit das dass dem den der des die doch durch ein eine einem einen
  einer eines er es fur gegen habe haben hat ich ihm ihn ihr im in ist kann kein keine man mein meine meinen meiner
  mich mir mit nach nicht noch nur ob oder ohne sein seine sich sie sind so uber um und uns unter vom von vor war was
  wegen wenn wer werden wie wir wird wo wurde zu zum zur zwischen
  ao aos as ate com da das depois dos ela ele eles em esse essa foi isso isto mais mas meu minha na nao nas nem no nos
  numa num os ou pela pelo pelos por porque qual quais quando quem sao se sem seu sua tem um uma umas uns voce
  ai alla alle anche che chi ci come cui da dal dalla degli dei del della delle dello di dove e ed era gli ha ho i il
  io la le lo loro ma mi mio nel nella non o per perche piu puo quale quali quando questa questo se senza si sono su
  sul sulla suo tra un una uno vi
  aan als bij dat de deze die dit door een en er geen het hij hoe ik in is je kan maar met mijn naar niet nog om ook
  op over te uit van voor waar waarom wat we wel wie wil zijn zo`.split(/\s+/),
);
const SIGNS_BEFORE = /^[([{#*|/\\~'"]+/;
const SIGNS_AFTER = /[\])}.,;!#*|/\\~'"]+$/;
const BEYOND_ASCII = /[^\0-\x7f]/;
const ACCENTS = /\p{M}/gu;

/** A token without the signs around it. */
export const bare = (token: string): string =>
  token.replace(SIGNS_BEFORE, '').replace(SIGNS_AFTER, '');

export function joins(word: string): boolean {
  const lower = word.toLowerCase();
  if (!BEYOND_ASCII.test(lower)) return JOINING.has(lower);
  return JOINING.has(withoutAccents(lower.replace('’', "'")));
}

export const withoutAccents = (text: string): string =>
  text.normalize('NFD').replaceAll(ACCENTS, '');

/** Two letters that stand together: a text without them says nothing. */
export const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text);
