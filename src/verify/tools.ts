import type { Check } from './check.ts';
import { parsedJson } from './parsed.ts';
import type { Validate } from './schemas.ts';

/** A tool was called that was not offered, with arguments that do not fit, or a demanded call is missing. */
export function tools(validate: Validate): Check {
  return {
    name: 'tools',
    find: ({ calls }, { tools: offered, mustCall }) => {
      if (mustCall !== undefined && !calls.some(({ name }) => name === (mustCall.name ?? name)))
        return 'a tool had to be called, and it was not';
      for (const { name, args } of calls) {
        const tool = offered.find((one) => one.name === name);
        if (tool === undefined) return 'it calls a tool that was not offered';
        if (!tool.isFunction) continue;
        const parsed = args.trim() === '' ? { value: {} } : parsedJson(args);
        if (parsed === undefined) return 'the arguments of a tool are no JSON';
        if (tool.schema !== undefined && validate(tool.schema, parsed.value) === false)
          return 'the arguments of a tool do not fit its schema';
      }
      return undefined;
    },
  };
}
