/** Blocks in the manner of common clients: each of them beside words that must come out alone. */
import { expect, test } from 'vitest';
import { userWords } from './user-words.ts';

const files = Array.from({ length: 300 }, (_, at) => `lib/part${at}/main.go`).join('\n');
const prose = 'The tide tables were revised twice, and every skipper keeps a copy. '.repeat(150);

const layouts: readonly (readonly [string, (words: string) => string])[] = [
  [
    'a task before the state of an editor',
    (w) =>
      `<task>\n${w}\n</task>\n\n<environment_details>\n# Open Tabs\n${files}\n</environment_details>`,
  ],
  [
    'the state alone behind it',
    (w) => `${w}\n<environment_details>\n${files}\n</environment_details>`,
  ],
  ['a reminder before it', (w) => `<system-reminder>\n${prose}\n</system-reminder>\n${w}`],
  [
    'two reminders around it',
    (w) =>
      `<system-reminder>${prose}</system-reminder>\n\n${w}\n\n<system-reminder>${files}</system-reminder>`,
  ],
  ['memories in a tag', (w) => `<user_memories type="long">\n- ${prose}\n</user_memories>\n${w}`],
  [
    'a tag in camel case',
    (w) =>
      `<attachments>\n<attachment id="a">${files}</attachment>\n</attachments>\n<reminderInstructions>${prose}</reminderInstructions>\n<userRequest>\n${w}\n</userRequest>`,
  ],
  [
    'retrieved notes in a template',
    (w) =>
      `### Task:\nRespond to the user query using the provided context, with citations.\n### Guidelines:\n- Be honest.\n<context>\n<source id="1">${prose}</source>\n</context>\n\n${w}`,
  ],
  [
    'a template with the query in a tag',
    (w) => `Use the context to answer.\n<context>${prose}</context>\n<question>${w}</question>`,
  ],
  [
    'custom instructions in a tag',
    (w) => `<custom_instructions>${prose}</custom_instructions>\n${w}`,
  ],
  [
    'a heading for the context and one for the request',
    (w) =>
      `# Context from my editor:\n\n## Active file: a.go\n${files}\n\n## My request for the agent:\n${w}`,
  ],
  ['memories under a heading', (w) => `# Memory\n\n- likes tea\n- ${prose}\n\n${w}`],
  ['custom instructions under a bold title', (w) => `**Custom instructions**\n${prose}\n\n${w}`],
  ['a block in brackets', (w) => `[Relevant memories]\n- ${prose}\n\n${w}`],
  ['a block between brackets', (w) => `[context]\n${prose}\n[/context]\n${w}`],
  ['a block between comments', (w) => `<!-- context -->\n${prose}\n<!-- /context -->\n${w}`],
  ['a block between braces', (w) => `{{memory}}\n${prose}\n{{/memory}}\n${w}`],
  [
    'a tag inside one of the same name',
    (w) => `<context>a\n<context>${files}</context>\n${prose}</context>\n${w}`,
  ],
  ['a tag with a prefix', (w) => `<ctx:memory>${prose}</ctx:memory>\n${w}`],
  ['a command’s output', (w) => `<local-command-stdout>${files}</local-command-stdout>\n${w}`],
  ['a tag in German', (w) => `<kontext>\n${prose}\n</kontext>\n${w}`],
  ['a tag in Chinese', (w) => `<已知信息>\n${prose}\n</已知信息>\n${w}`],
  ['headings in Spanish', (w) => `### Contexto\n${prose}\n\n### Pregunta\n${w}`],
  ['labels in French', (w) => `Contexte :\n${prose}\n\nQuestion : ${w}`],
  [
    'a template without headings',
    (w) =>
      `Use the following pieces of context to answer the question at the end.\n\n${prose}\n\nQuestion: ${w}\nHelpful Answer:`,
  ],
  [
    'a block between rules',
    (w) => `--- Start of memories ---\n${prose}\n\n${prose}\n--- End of memories ---\n${w}`,
  ],
  ['words before a heading', (w) => `${w}\n\n## Environment\nOS: linux\n\n## Open files\n${files}`],
  [
    'passages between rules, and a label',
    (w) =>
      `Context information is below.\n---------------------\n${prose}\n\n${prose}\n---------------------\nGiven the context information and not prior knowledge, answer the query.\nQuery: ${w}\nAnswer: `,
  ],
  [
    'passages under a label',
    (w) =>
      `Use the following pieces of context to answer the question at the end.\n\nContext:\n${prose}\n\n${prose}\n\nQuestion: ${w}\nHelpful Answer:`,
  ],
  ['search results under a label', (w) => `Search results:\n[1] ${prose}\n\n[2] ${prose}\n\n${w}`],
];

const sayings = ['thanks', 'What is the capital of Peru?', 'rename foo to bar in a.txt'];
test.each(layouts.flatMap(([name, made]) => sayings.map((words) => [name, words, made(words)])))(
  '%s: "%s"',
  (_name, words, message) => {
    expect(userWords(message)).toBe(words);
  },
);

test.each([
  ['an environment', `<environment_context>\n<cwd>/srv</cwd>\n${files}\n</environment_context>`],
  [
    'project rules',
    `# AGENTS.md instructions for /srv\n\n<INSTRUCTIONS>\n${prose}\n</INSTRUCTIONS>`,
  ],
  [
    'the result of a tool',
    `[read_file for 'a.go'] Result:\n${files}\n<environment_details>x</environment_details>`,
  ],
  ['a list of memories', '## Memories\n- likes tea\n\n- lives in Lima'],
])('%s alone holds no words of a person', (_what, message) => {
  expect(userWords(message)).toBe('');
});

test.each([
  ['plain words', 'Design a system that stores notes.'],
  ['HTML', 'Why does <details><summary>More</summary>text</details> not open?'],
  ['a component', 'Fix this: <my-widget>hello</my-widget>'],
  ['a tag inside of code', 'What does this hold?\n```xml\n<context>\n<a/>\n</context>\n```'],
  ['a comment inside of code', 'Explain:\n```py\n# Environment\nx = 1\n\ny = 2\n```'],
  ['a tag without an end', 'What does <context> mean in this file?'],
  [
    'headings of its own',
    '# Goal\nA faster sort\n\n# Steps\n1. read\n2. merge\n\nProve that it is stable.',
  ],
  ['a heading that says what to do', '# Design a file system\n\nIt must survive power cuts.'],
  ['a sum of labels', 'Question: how many legs has a spider?\nOptions: six, eight'],
  ['a question in a tag', 'Answer in one word. <question>How many legs has a spider?</question>'],
])('%s: as it is', (_what, message) => {
  expect(userWords(message)).toBe(message);
});

test('the answers of a form and a correction are words of the person', () => {
  expect(
    userWords(
      `[ask] Result:\n<answer>\nthe blue one\n</answer>\n<environment_details>${files}</environment_details>`,
    ),
  ).toBe('the blue one');
  expect(
    userWords(
      `The user denied it and said:\n<feedback>\nuse tabs\n</feedback>\n<environment_details>${files}</environment_details>`,
    ),
  ).toBe('use tabs');
});
