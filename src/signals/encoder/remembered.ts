/** What the deep judge said, by its question: the same request again (a retry, a job over a table, "hello") is not encoded again. */
import { hash, randomBytes } from 'node:crypto';
import { recentlyUsed } from '../../lib/recently-used.ts';
import type { DeepAnswer, DeepQuestion } from '../complexity/calibrated.ts';

export interface Remembered {
  /** A digest under a key of this process: nothing of a prompt can be found in it. */
  keyOf(question: DeepQuestion): string;
  get(key: string): DeepAnswer | undefined;
  set(key: string, answer: DeepAnswer): void;
}

/** Some 600 bytes each, most of them the reasons. */
const MOST = 5_000;

/** The answer depends on the question alone, so it is never too old. */
export function rememberedAnswers(): Remembered {
  const key = keyMaker(randomBytes(SALT_BYTES));
  const answers = recentlyUsed<string, DeepAnswer>(MOST);
  return {
    keyOf: key,
    get: (question) => answers.get(question),
    set: (question, answer) => void answers.set(question, answer),
  };
}

const SALT_BYTES = 16;
/** Numbers of a question beside its inputs. */
const HEADS = 3;

/** All of a question side by side: one call of the hash in place of one for each part. Inputs that differ by less than a float32 shows change nothing. */
function keyMaker(salt: Uint8Array): Remembered['keyOf'] {
  let room = Buffer.alloc(0);
  let numbers = new Float32Array(0);
  return ({ pieces, inputs, need, exam, second }) => {
    const count = inputs.length + HEADS;
    const size = SALT_BYTES + count * Float32Array.BYTES_PER_ELEMENT + pieces.byteLength;
    if (size > room.length || numbers.length !== count) {
      room = Buffer.alloc(2 * size);
      room.set(salt);
      numbers = new Float32Array(room.buffer, room.byteOffset + SALT_BYTES, count);
    }
    numbers.set(inputs);
    numbers[inputs.length] = need;
    numbers[inputs.length + 1] = exam;
    numbers[inputs.length + 2] = second;
    room.set(bytesOf(pieces), size - pieces.byteLength);
    return hash('sha256', room.subarray(0, size), 'base64');
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
