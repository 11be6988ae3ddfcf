/** A request of the playground as a program to take away. */
import { urlOf } from './api.ts';
import type { ChatBody } from './chat-client.ts';

export const programs = ['curl', 'Node', 'Python'] as const;
export type Program = (typeof programs)[number];

const baseUrl = (): string => `${location.origin}${urlOf('/v1')}`;

/** The programs need a key only where the gateway has keys: its place is there. */
export function copyAs(program: Program, body: ChatBody): string {
  switch (program) {
    case 'curl':
      return curl(body);
    case 'Node':
      return node(body);
    case 'Python':
      return python(body);
  }
}

/** A shell ends a quoted text at `'`: it is closed, an escaped one follows, and it goes on. */
function curl(body: ChatBody): string {
  const json = JSON.stringify(body, null, 2).replaceAll("'", String.raw`'\''`);
  return `curl ${baseUrl()}/chat/completions \\
  -H 'Content-Type: application/json' \\
  -H "Authorization: Bearer $SMALLFIRST_KEY" \\
  -d '${json}'
`;
}

function node(body: ChatBody): string {
  const read = body.stream
    ? `for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');`
    : `console.log(answer.choices[0].message.content);`;
  return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: ${JSON.stringify(baseUrl())}, apiKey: process.env.SMALLFIRST_KEY ?? 'none' });
const answer = await client.chat.completions.create(${JSON.stringify(body, null, 2)});
${read}
`;
}

function python(body: ChatBody): string {
  const given = Object.entries(body).map(
    ([name, value]) => `    ${name}=${pythonValue(value, 1)},`,
  );
  const read = body.stream
    ? `for chunk in answer:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`
    : 'print(answer.choices[0].message.content)';
  return `import os
from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(baseUrl())}, api_key=os.environ.get("SMALLFIRST_KEY", "none"))
answer = client.chat.completions.create(
${given.join('\n')}
)
${read}
`;
}

/** JSON's texts and numbers are Python's too; its three words are not. */
function pythonValue(value: unknown, depth: number): string {
  const [inner, outer] = ['    '.repeat(depth + 1), '    '.repeat(depth)];
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    const items = value.map((each) => `${inner}${pythonValue(each, depth + 1)},\n`);
    return items.length === 0 ? '[]' : `[\n${items.join('')}${outer}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, each]) => `${inner}${JSON.stringify(name)}: ${pythonValue(each, depth + 1)},\n`,
    );
    return members.length === 0 ? '{}' : `{\n${members.join('')}${outer}}`;
  }
  return JSON.stringify(value);
}
