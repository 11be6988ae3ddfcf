import { bareFacts, type Features, type Turn } from '../../src/core/signal.ts';

/** Features of the given turns; the facts are those of a short chat. */
export function featuresOf(...turns: readonly (Turn | string)[]): Features {
  const list = turns.map((turn): Turn =>
    typeof turn === 'string' ? { role: 'user', text: turn } : turn,
  );
  const users = list.filter(({ role }) => role === 'user');
  return {
    facts: {
      ...bareFacts('chat'),
      inputTokens: 10,
      inputTokensSource: 'counted',
      turns: users.length,
      messages: list.length,
      needs: ['chat'],
    },
    turns: list,
    task: users.at(-1)?.text ?? '',
  };
}
