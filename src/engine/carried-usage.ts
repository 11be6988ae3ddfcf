/**
 * Usage and cost of carried (passthrough) answers, which are not parsed: the usage at their end, and whether they may have cost something.
 */
import type { Call } from '../core/call.ts';
import { closeIterator } from '../lib/iterators.ts';
import type { JsonObject } from '../lib/json.ts';
import { usageAtEnd } from '../wire/usage-at-end.ts';

/** `usage` is among the last members of a body, after pictures of megabytes; it has a few hundred bytes. */
const TAIL_BYTES = 16 * 1024;

/** Passes the chunks on. If the answer ends with a usage object, `observe` gets it before the end is passed on. */
export function observeTail(
  chunks: AsyncIterator<Uint8Array>,
  observe: (body: JsonObject) => void,
): AsyncIterator<Uint8Array> {
  let tail = Buffer.alloc(0);
  let isOpen = true;
  return {
    next: async () => {
      const step = await chunks.next();
      if (step.done !== true) {
        tail = Buffer.concat([tail, step.value.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
        return step;
      }
      const usage = isOpen ? usageAtEnd(tail.toString('utf8')) : undefined;
      isOpen = false;
      if (usage !== undefined) observe({ usage });
      return step;
    },
    return: () => closeIterator(chunks),
  };
}

/** Routes that providers do not charge for: file storage, moderation, and reading or deleting. */
const FREE = /^\/(?:files|uploads|moderations|models)(?:[/?]|$)/;

/** Any other POST counts as paid, because an unknown route may not be free. */
export const mayCost = ({ method, path }: Call): boolean =>
  method !== 'GET' && method !== 'HEAD' && method !== 'DELETE' && !FREE.test(path);

/** The model in a carried body, JSON or a form; '' where it names none. The decision's target is another one. */
export function carriedModel({ requestedModel, body, payload, contentType }: Call): string {
  const { model } = body;
  if (typeof model === 'string') return model;
  if (!contentType.startsWith('multipart/form-data')) return requestedModel;
  return modelField(payload) ?? requestedModel;
}

/** The name is followed by at most a few headers. */
function modelField(form: Buffer): string | undefined {
  const at = form.indexOf('name="model"');
  if (at === -1) return undefined;
  const text = form.toString('latin1', at, at + LONGEST_FIELD);
  return /^name="model"\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n([^\r\n]{1,100})/.exec(text)?.[1];
}

const LONGEST_FIELD = 2000;
