/** A support bot in the terminal: the plain `openai` package, pointed at the gateway. */
import { createInterface } from 'node:readline';
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: process.env['SMALLFIRST_URL'] ?? 'http://127.0.0.1:4100/v1',
  apiKey: process.env['SUPPORT_BOT_KEY'] ?? 'any',
});

const SYSTEM =
  'You are the support bot of a pottery shop. Answer in two or three sentences, in the language of the customer. ' +
  'Do not invent orders, prices or promises; say when you do not know.';

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: SYSTEM }];

async function answer(question: string): Promise<void> {
  messages.push({ role: 'user', content: question });
  const { data: stream, response } = await client.chat.completions
    .create({ model: 'auto', messages, stream: true })
    .withResponse();
  let text = '';
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.content ?? '';
    text += piece;
    process.stdout.write(piece);
  }
  messages.push({ role: 'assistant', content: text });
  const tier = response.headers.get('x-smallfirst-tier');
  const rule = response.headers.get('x-smallfirst-rule');
  process.stdout.write(`\n  [${tier}, because of ${rule}]\n> `);
}

process.stdout.write('Ask something; Ctrl+D ends.\n> ');
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  try {
    await answer(line);
  } catch (error) {
    messages.pop();
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n> `);
  }
}
process.stdout.write('\n');
