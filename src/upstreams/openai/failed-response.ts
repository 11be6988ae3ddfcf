/** Failures that a Responses server reports inside an answer with a success status: the answer is passed on, its error text is cleaned. */
import type { CleanWords } from '../clean-words.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';

/**
 * Of a Responses object, or of an event that holds one (`response.failed`), with every text of its `error` cleaned; the very same
 * object where there is none.
 */
export function cleanedFailure(data: JsonObject, clean: CleanWords): JsonObject {
  const { response, error } = data;
  if (isObject(response)) {
    const cleaned = cleanedFailure(response, clean);
    return cleaned === response ? data : { ...data, response: cleaned };
  }
  return isObject(error) ? { ...data, error: cleanedTexts(error, clean) } : data;
}

const cleanedTexts = (error: JsonObject, clean: CleanWords): JsonObject =>
  Object.fromEntries(
    Object.entries(error).map(([name, value]) => [
      name,
      typeof value === 'string' ? clean(value) : value,
    ]),
  );
