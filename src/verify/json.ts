import type { Check } from './check.ts';
import { parsedJson } from './parsed.ts';
import type { Validate } from './schemas.ts';

/** JSON was demanded and this is none, or does not fit its schema. */
export function json(validate: Validate): Check {
  return {
    name: 'json',
    find: ({ text, calls }, { json: wanted, schema }) => {
      if (wanted === 'no' || (text.trim() === '' && calls.length > 0)) return undefined;
      const parsed = parsedJson(text);
      if (parsed === undefined) return 'JSON was demanded, and it is none';
      if (typeof parsed.value !== 'object' || parsed.value === null)
        return 'a JSON object was demanded, and it is another value';
      if (schema === undefined || validate(schema, parsed.value) !== false) return undefined;
      return 'it does not fit the JSON schema';
    },
  };
}
