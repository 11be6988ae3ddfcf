/** A longer message says more than that something was wrong. */
const LONGEST_UNITS = 160;

/** "That is wrong", at the beginning of a message; twelve languages. */
const DENIALS =
  /^(?:(?:no|nope|nein|non|não|nie|нет|hayır|nee)\b[\s,.!:-]*)?(?:(?:that(?:(?:'|’)?s| is| was)|this is|it(?:(?:'|’)?s| is)|your answer is) (?:just |simply |still |completely |plain )?(?:wrong|incorrect|not (?:right|correct|true|what i (?:asked|meant|wanted)))|(?:wrong|incorrect)(?: answer)?\s*[.!,]|(?:wrong|incorrect)(?: answer)?$|you(?:(?:'|’)?re| are) (?:wrong|mistaken)|you got (?:it|that) wrong|that(?: does|(?:'|’)?s)?n(?:'|’)?t (?:right|correct|true)|(?:eso|esto)? ?(?:está mal|no es (?:correcto|cierto|verdad|así|lo que (?:pregunté|pedí|quería)))|(?:eso )?es (?:incorrecto|falso|erróneo)|incorrecto\b|te equivocas|está(?:s)? equivocad[oa]|se equivoca|(?:das|dies) (?:ist|war) (?:leider )?(?:falsch|nicht (?:richtig|korrekt|wahr|was ich))|(?:das )?stimmt (?:so )?nicht|falsch\s*(?:[.!,]|$)|c(?:'|’)est (?:faux|incorrect|inexact)|ce n(?:'|’)est pas (?:vrai|correct|juste|exact|ce que j)|faux\s*(?:[.!,]|$)|(?:tu te trompes|vous vous trompez)|(?:isso )?(?:está (?:errado|incorreto)|não (?:é verdade|está (?:certo|correto)))|errado\s*(?:[.!,]|$)|(?:questo )?è (?:sbagliato|errato|falso)|non è (?:vero|corretto|giusto|quello che)|(?:sbagliato|errato)\s*(?:[.!,]|$)|ti sbagli|dat (?:klopt niet|is (?:fout|onjuist|niet (?:juist|waar|correct)))|(?:fout|onjuist)\s*(?:[.!,]|$)|to (?:jest )?(?:nieprawda|błędne|źle|nieprawidłowe)|nieprawda|mylisz się|(?:это )?(?:неверно|неправильно|неправда|не так\s*(?:[.!,]|$))|ты ошиб|вы ошиб|(?:bu )?(?:yanlış|doğru değil|hatalı)|yanılıyorsun|(?:不|不，|不,)?(?:这|那|你)?(?:是)?(?:不对|错了|错的|不正确|说错了)|(?:それは)?(?:違います|違う|間違い|間違って|正しくない|正しくありません))/iu;

/** The user says that the answer before was wrong. */
export const isDenial = (task: string): boolean =>
  task.length <= LONGEST_UNITS && DENIALS.test(task.trim());
