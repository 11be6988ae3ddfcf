/** Keeps with each object at the cloud what it was found to hold as it passed, so that it need not be read again to be judged. */
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { bitsOf, type KeptContents, type ObjectContents } from '../../core/object-contents.ts';
import type { Owned, Owners } from '../../core/owners.ts';
import { decodedOnce } from '../../lib/decoded-once.ts';
import type { JsonObject } from '../../lib/json.ts';
import { allKnown, whenKnown, type Soon } from '../../lib/soon.ts';
import { idsChanged, idsMade, idsOfExchange } from '../../wire/object-ids.ts';
import type { CarriedMatch } from './carried-table.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/** What a call puts more into: what its path and its body name of what can grow. */
export function changedBy(
  { method, operation, path, body }: Call,
  match: CarriedMatch | undefined,
): readonly string[] {
  if (READING.has(method)) return [];
  const inBody = idsChanged(body);
  if (operation !== 'passthrough') return inBody;
  return [...(match?.ids.map(({ id }) => id) ?? idsIn(path)), ...inBody];
}

/** Whatever could be an id, in a path that is in no row. */
const idsIn = (path: string): readonly string[] =>
  path
    .split(/[/?]/)
    .map(decodedOnce)
    .filter((each) => /[_-]/.test(each));

/** The parts of a text were not judged as a whole. */
const IN_PARTS = '/uploads/{upload}/parts';

export function keptOf(
  contents: ObjectContents | undefined,
  match: CarriedMatch | undefined,
  reading: string,
): KeptContents | undefined {
  if (contents === undefined) return undefined;
  const { unread, personal } = contents;
  const isPart = match?.row.path === IN_PARTS;
  return { bits: bitsOf({ unread: isPart ? [...unread, 'file'] : unread, personal }), reading };
}

/**
 * Lets these objects hold more, durably. What is not known of them stays so.
 * @returns what an object holds that is made of them and of what is put in
 * @throws GatewayError where it cannot be kept
 */
export function putInto(
  ids: readonly string[],
  more: KeptContents | undefined,
  owners: Owners,
): Soon<KeptContents | undefined> {
  if (ids.length === 0) return more;
  return whenKnown(allKnown(ids.map((id) => owners.of(id))), (rows) => {
    const all = rows.map((owned) => owned?.contents).reduce(joined, more);
    const wider = rows.filter((owned): owned is Owned => owned !== undefined && grows(owned, more));
    if (wider.length === 0) return all;
    const widened = Promise.all(wider.map((owned) => owners.widen(owned, more)));
    return widened.then(() => all, notKept);
  });
}

function joined(
  one: KeptContents | undefined,
  other: KeptContents | undefined,
): KeptContents | undefined {
  if (one === undefined || one.reading !== other?.reading) return undefined;
  return { bits: one.bits | other.bits, reading: one.reading };
}

/** Whether what is put in changes what is known; it rarely does. */
function grows({ contents }: Owned, more: KeptContents | undefined): boolean {
  if (contents === undefined) return false;
  return joined(contents, more)?.bits !== contents.bits;
}

function notKept(cause: unknown): never {
  throw new GatewayError(
    'gateway_state_unavailable',
    'What this request puts into an object at the cloud could not be kept, so nothing was sent. Ask again in a second.',
    { cause },
  );
}

export type OwnObject = (id: string, upstream: string, contents: KeptContents | undefined) => void;

/** Called with each object in an answer; the contents of what tools made are unknown. */
export const keeping =
  (own: OwnObject, upstream: string, contents: KeptContents | undefined) =>
  (object: JsonObject): void => {
    const filled = contents === undefined ? [] : idsOfExchange(object);
    for (const id of idsMade(object)) own(id, upstream, filled.includes(id) ? contents : undefined);
  };
