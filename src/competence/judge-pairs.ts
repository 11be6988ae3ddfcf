/** Pairs of answers whose better half is known: twenty good ones, each damaged in ten ways. Our own text. */

export interface JudgePair {
  readonly id: string;
  readonly question: string;
  readonly good: string;
  readonly damaged: string;
}

/** A question, a good answer, what a wrong one says in place of a part of it, and that part. */
type Good = readonly [question: string, answer: string, right: string, wrong: string];

const GOOD: readonly Good[] = [
  [
    'How many minutes are there in two and a half hours?',
    'There are 150 minutes: two hours are 120 minutes, and half an hour adds 30 more.',
    '150',
    '180',
  ],
  [
    'What is the capital of Portugal?',
    'The capital of Portugal is Lisbon, which lies at the mouth of the river Tagus.',
    'Lisbon',
    'Madrid',
  ],
  [
    'How do I reset my password in the shop?',
    'Open the sign-in page, choose "Forgot your password?", and enter your e-mail address. We send a link that is valid for one hour; it lets you set a new password.',
    'one hour',
    'one year',
  ],
  [
    'Which planet is the largest in our solar system?',
    'Jupiter is the largest planet. It has more than twice the mass of all the other planets together.',
    'Jupiter',
    'Mercury',
  ],
  [
    'Why does bread rise?',
    'Yeast eats the sugars in the dough and gives off carbon dioxide. The gas is caught in the gluten, so the dough grows.',
    'carbon dioxide',
    'helium',
  ],
  [
    'Translate into Spanish: "The shop opens at nine."',
    '"La tienda abre a las nueve."',
    'nueve',
    'siete',
  ],
  [
    'What is 17 times 6?',
    '17 times 6 is 102: ten times 6 is 60, and seven times 6 is 42.',
    '102',
    '112',
  ],
  [
    'Who wrote Don Quixote?',
    'Don Quixote was written by Miguel de Cervantes; its first part came out in 1605.',
    'Miguel de Cervantes',
    'Lope de Vega',
  ],
  [
    'Can I return shoes that I have worn outside?',
    'No. Shoes can be returned within 30 days if they are clean and were only tried on indoors. Worn pairs are taken back only where they have a fault.',
    'only where they have a fault',
    'in all cases',
  ],
  [
    'What is the boiling point of water at sea level?',
    'At sea level water boils at 100 degrees Celsius, which is 212 degrees Fahrenheit.',
    '100',
    '80',
  ],
  [
    'In SQL, how do I count the rows of a table called orders?',
    'Use `SELECT COUNT(*) FROM orders;`. It counts all rows, those with nulls included.',
    'COUNT(*)',
    'SUM(*)',
  ],
  [
    'Name the three primary colours of light.',
    'Red, green and blue. Mixed in equal parts they give white light.',
    'green',
    'brown',
  ],
  [
    '¿Cuántos días tiene un año bisiesto?',
    'Un año bisiesto tiene 366 días: el día que se añade es el 29 de febrero.',
    '366',
    '356',
  ],
  [
    '¿Cuál es la capital de Colombia?',
    'La capital de Colombia es Bogotá, que está a unos 2600 metros de altura.',
    'Bogotá',
    'Quito',
  ],
  [
    '¿Cómo cambio la dirección de entrega de mi pedido?',
    'Entra en "Mis pedidos", elige el pedido y pulsa "Cambiar dirección". Se puede hacer hasta que el paquete sale del almacén.',
    'hasta que el paquete sale',
    'un mes después de que el paquete sale',
  ],
  [
    '¿Qué órgano bombea la sangre?',
    'El corazón bombea la sangre por todo el cuerpo, unas cien mil veces al día.',
    'corazón',
    'hígado',
  ],
  [
    'What does the abbreviation "e.g." mean?',
    '"E.g." stands for the Latin "exempli gratia" and means "for example".',
    'for example',
    'that is to say never',
  ],
  [
    'Is a tomato a fruit or a vegetable?',
    'Botanically a tomato is a fruit, since it grows from the flower and holds the seeds. In the kitchen it is used as a vegetable.',
    'is a fruit',
    'is a root',
  ],
  [
    'How long should I boil an egg so that it is hard?',
    'About nine to ten minutes in boiling water for a middle-sized egg; then put it into cold water so that it stops cooking.',
    'nine to ten minutes',
    'forty seconds',
  ],
  [
    'What is the difference between weather and climate?',
    'Weather is what the air does now and over some days: rain, wind, heat. Climate is the usual weather of a place over decades.',
    'over decades',
    'over one afternoon',
  ],
];

const REFUSAL = "I'm sorry, but I can't help with that.";
const ELSEWHERE = 'The museum is closed on Mondays, and the last tour begins at half past four.';

/** Each takes the good answer and makes one that serves the user worse. */
const DAMAGES: Readonly<Record<string, (good: Good, at: number) => string>> = {
  wrong: ([, answer, right, wrong]) => answer.replace(right, wrong),
  'wrong-and-short': ([, , , wrong]) => `${wrong}.`,
  refused: () => REFUSAL,
  'off-topic': () => ELSEWHERE,
  'of-another': (_, at) => GOOD[(at + 7) % GOOD.length]![1],
  'cut-off': ([, answer]) => answer.slice(0, Math.max(8, Math.floor(answer.length / 5))),
  looped: ([, answer]) => {
    const words = answer.split(' ').slice(0, 4).join(' ');
    return Array.from({ length: 12 }, () => words).join(' ');
  },
  shuffled: ([, answer]) => answer.split(' ').toSorted().join(' '),
  denied: ([, , right, wrong]) => `It is certainly not ${right}, as many believe. It is ${wrong}.`,
  echoed: ([question]) => `You ask: ${question} That is a very good question, thank you for it.`,
};

export const judgePairs = (): readonly JudgePair[] =>
  GOOD.flatMap((good, at) =>
    Object.entries(DAMAGES).map(([damage, make]) => ({
      id: `${at}-${damage}`,
      question: good[0],
      good: good[1],
      damaged: make(good, at),
    })),
  );
