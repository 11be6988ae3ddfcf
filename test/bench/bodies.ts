/** The bodies that the CPU rounds send: one that never changes, and many that never repeat. */

interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** 215 bytes: comparable between gateways, and it flatters every cache. */
export const FIXED_BODY = JSON.stringify({
  model: 'auto',
  messages: [
    { role: 'system', content: 'You are a helpful assistant that answers briefly.' },
    { role: 'user', content: 'What is the capital of France, please? Thanks.' },
  ],
  temperature: 0.7,
  max_tokens: 100,
});

const SYSTEMS = [
  'You are the support assistant of a small shop. Answer briefly and kindly.',
  'Answer as a patient teacher. Use simple words and give one example.',
  'You review code. Name the bug, then show the smallest change that mends it.',
  'Translate what the user writes. Keep names and numbers as they are.',
];

/** Questions in six languages, from a fact to a proof. */
const QUESTIONS = [
  'How do I reset my password? The link in the mail says that it has expired.',
  'Prove that the sum of the first n odd numbers is n squared, and say where the induction uses its premise.',
  'Write a function that merges two sorted arrays without a library, and give its complexity.',
  'My invoice shows 2 seats but we only have one user. Can you correct it and send a new one?',
  '¿Dónde puedo ver el estado de mi pedido? Lo compré el martes y todavía no ha llegado.',
  'Explica con un ejemplo la diferencia entre interés simple e interés compuesto.',
  'Warum kommt meine Bestellung nicht an? Die Sendungsnummer zeigt seit Tagen nichts Neues.',
  'Fasse den folgenden Absatz in zwei Sätzen zusammen und nenne den wichtigsten Einwand.',
  'Quelle est la différence entre un arrêt et un jugement, et qui peut faire appel ?',
  'Ma carte a été débitée deux fois, que dois-je faire pour être remboursée ?',
  'Qual è il modo migliore per conservare il basilico fresco in cucina?',
  'Como é que altero a morada de entrega depois de a encomenda ter sido enviada?',
];
const REPLIES = [
  'I am sorry to hear that. Could you tell me the number of your order?',
  'Of course. Which version do you use, and what does the log say?',
  'That depends on the contract. Shall I explain both cases?',
];
const FOLLOW_UPS = [
  'Yes, please, and keep it short.',
  'The number is in the mail that I forwarded yesterday.',
  'Both, with the reasons why one is better than the other.',
];

const at = (list: readonly string[], index: number): string => list[index % list.length] ?? '';

/** As many as are sent before one repeats; more than any cache by prompt would hold in its warm part. */
const BODIES = 3000;

/** 3,000 bodies in a fixed order: one to three turns, six languages, each with a number of its own. */
export const variedBodies: readonly string[] = Array.from({ length: BODIES }, (_, index) =>
  JSON.stringify({
    model: 'auto',
    messages: conversation(index),
    ...(index % 3 === 0 ? { temperature: 0.2 } : {}),
    ...(index % 4 === 0 ? { max_tokens: 50 + (index % 500) } : {}),
  }),
);

function conversation(index: number): readonly Message[] {
  const opening = `${at(QUESTIONS, index)} ${at(QUESTIONS, index * 5 + 1)} (case ${index})`;
  const messages: Message[] = [
    { role: 'system', content: at(SYSTEMS, index >> 2) },
    { role: 'user', content: opening },
  ];
  for (let turn = 1; turn <= index % 3; turn += 1) {
    messages.push(
      { role: 'assistant', content: at(REPLIES, index + turn) },
      { role: 'user', content: at(FOLLOW_UPS, index + turn) },
    );
  }
  return messages;
}
