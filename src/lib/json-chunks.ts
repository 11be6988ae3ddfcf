/** Reads a JSON text that comes in pieces. */
import { isObject, type JsonObject } from './json.ts';

/** `body`: undefined where it is no JSON object. */
export async function readJson(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly body: JsonObject | undefined }> {
  const parts: Uint8Array[] = [];
  for (let step = await chunks.next(); step.done !== true; step = await chunks.next())
    parts.push(step.value);
  const bytes = Buffer.concat(parts);
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    return { bytes, body: isObject(body) ? body : undefined };
  } catch {
    return { bytes, body: undefined };
  }
}
