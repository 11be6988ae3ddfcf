/** Bodies of chats: texts of several scripts, parts, tool calls, members that nobody knows. */
import * as fc from 'fast-check';

const word = fc.constantFrom(
  'hello',
  'mail ben.ito@corp.jp',
  'é委😀',
  'x = 1\n',
  'Solve ∫x',
  '"q\\',
  'a'.repeat(5000),
);
const content = fc.oneof(
  word,
  fc.array(
    fc.oneof(
      word.map((text) => ({ type: 'text', text })),
      fc.constant({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }),
      fc.constant({ type: 'thinking', thinking: 'hm' }),
    ),
    { maxLength: 4 },
  ),
);
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('user', 'system', 'developer', 'assistant'), content }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.constant(null),
    tool_calls: fc.array(
      fc.record({ id: fc.string({ maxLength: 60 }), type: fc.constant('function') }),
    ),
  }),
  fc.record({ role: fc.constant('user'), content: word, reasoning_content: word }),
);
export const chats = fc.record(
  {
    model: fc.constant('auto'),
    messages: fc.array(message, { minLength: 1, maxLength: 8 }),
    stream: fc.boolean(),
    tools: fc.array(fc.record({ type: fc.constant('function'), description: word }), {
      maxLength: 3,
    }),
    tool_choice: fc.constantFrom('none', 'auto'),
    user: word,
    metadata: fc.dictionary(fc.string(), fc.oneof(word, fc.double()), { maxKeys: 4 }),
    ['__proto__']: fc.constant(1),
  },
  { requiredKeys: ['model', 'messages'] },
);
