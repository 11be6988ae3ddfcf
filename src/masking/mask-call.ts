/** Masks a request for the cloud. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import type { FindPersonal, PersonalDetector, PersonalKind } from '../core/masking.ts';
import { spliceJson } from '../lib/json-splice.ts';
import { mapTexts } from './json-texts.ts';
import { outbound } from '../wire/outbound.ts';
import { findIn, kindsInAll } from './find-in-chunks.ts';
import { createPlaceholders, type Placeholders } from './placeholders.ts';

export interface Masked {
  readonly call: Call;
  readonly placeholders: Placeholders;
}

/** Passes over the texts: a mask changes its neighbourhood, which may then match as personal data. */
const MAX_PASSES = 3;

/**
 * Masks these kinds, then looks for every kind in the whole outbound request.
 * @throws UpstreamError `withheld` when something is still found: only another target may take it.
 */
export async function maskCall(
  call: Call,
  kinds: readonly PersonalKind[],
  detector: PersonalDetector,
): Promise<Masked> {
  const placeholders = createPlaceholders(JSON.stringify(call.body));
  const wanted: FindPersonal = (text) =>
    detector.find(text).filter(({ kind }) => kinds.includes(kind));
  let body = call.body;
  for (let look = 0; look < MAX_PASSES; look += 1) {
    const masked = await maskBody(body, wanted, placeholders);
    if (masked === body) break;
    body = masked;
  }
  if (placeholders.size() > 0) body = changed(body, placeholders.maskKnown);
  const masked = body === call.body ? call : { ...call, body, payload: payloadOf(call, body) };
  await requireClean(masked, detector);
  return { call: masked, placeholders };
}

async function maskBody(
  body: JsonObject,
  find: FindPersonal,
  placeholders: Placeholders,
): Promise<JsonObject> {
  const texts = new Set<string>();
  mapTexts(body, (text) => {
    texts.add(text);
    return text;
  });
  const list = [...texts];
  const found = await findIn(list, find);
  const masked = new Map<string, string>();
  for (const [at, text] of list.entries()) {
    const places = found[at] ?? [];
    if (places.length > 0) masked.set(text, placeholders.mask(text, places));
  }
  return masked.size === 0 ? body : changed(body, (text) => masked.get(text) ?? text);
}

function changed(body: JsonObject, change: (text: string) => string): JsonObject {
  const texts = mapTexts(body, change);
  return isObject(texts) ? texts : body;
}

/** Unchanged members keep their original bytes. */
function payloadOf({ body, payload }: Call, masked: JsonObject): Buffer {
  const names = Object.keys(masked);
  const hasSameNames = Object.keys(body).every((name, at) => names[at] === name);
  if (!hasSameNames) return Buffer.from(JSON.stringify(masked));
  const members = names.filter((name) => masked[name] !== body[name]);
  const texts = members.map((name) => [name, JSON.stringify(masked[name])]);
  return spliceJson(payload, Object.fromEntries(texts));
}

async function requireClean(call: Call, { kindsIn }: PersonalDetector): Promise<void> {
  const kinds = await kindsInAll(outbound(call).texts, kindsIn);
  if (kinds.length === 0) return;
  throw new UpstreamError(
    'withheld',
    `This request must stay local: it holds ${kinds.join(', ')} that the policy does not mask, or that cannot be masked where it stands.`,
  );
}
