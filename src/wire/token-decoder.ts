/** From token numbers back to the text, in the encoding of OpenAI's embedding models. */
import { createRequire } from 'node:module';

/** Token after token in Base64, in the order of their numbers: `! 0 IQ== Ig== …`. */
let tokens: readonly string[] | undefined;

/**
 * The text of `cl100k_base` tokens: what OpenAI's embedding models read, and what clients fall back to for a name
 * that they do not know. Undefined when one of them is no number of that encoding. 30 ms and 10 MB at its first use.
 */
export function decodeTokens(numbers: readonly number[]): string | undefined {
  tokens ??= loadTokens();
  const parts: Buffer[] = [];
  for (const number of numbers) {
    const token = tokens[number];
    if (token === undefined) return undefined;
    parts.push(Buffer.from(token, 'base64'));
  }
  // A text that was cut between tokens may begin or end within a character.
  return Buffer.concat(parts).toString('utf8');
}

function loadTokens(): readonly string[] {
  const require = createRequire(import.meta.url);
  const ranks: { readonly bpe_ranks: string } = require('tiktoken/encoders/cl100k_base.json');
  return ranks.bpe_ranks.split(' ').slice(2);
}
