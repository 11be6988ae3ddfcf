/** `${VAR}` and `${VAR:-default}` in the texts of the configuration file. */
import type { Environment } from '../core/upstream-kind.ts';
import { suggestion } from '../lib/suggest.ts';

export type Substituted =
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly message: string };

const REFERENCE = /\$\{([^}]*)\}?/g;
const WELL_FORMED = /^\$\{([A-Za-z_]\w*)(:-[^}]*)?\}$/;

/**
 * Replaces every reference in `text`. As in a shell, the default after `:-` also replaces an empty
 * variable, and `$${` is a literal `${`. Messages name variables, never values.
 */
export function substituteVariables(text: string, env: Environment): Substituted {
  let message: string | undefined;
  const replaced = text
    .split('$${')
    .map((part) =>
      part.replaceAll(REFERENCE, (reference) => {
        const value = resolve(reference, env);
        if (value.ok) return value.text;
        message ??= value.message;
        return '';
      }),
    )
    .join('${');
  if (message !== undefined) return { ok: false, message };
  return { ok: true, text: replaced, changed: replaced !== text };
}

function resolve(reference: string, env: Environment): Substituted {
  const parts = WELL_FORMED.exec(reference);
  if (parts === null) {
    return {
      ok: false,
      message: `\`${reference.slice(0, 40)}\` is no reference to a variable; write \`\${NAME}\` or \`\${NAME:-default}\``,
    };
  }
  const [, name = '', fallback] = parts;
  const value = env[name];
  if (fallback !== undefined) return { ok: true, text: value || fallback.slice(2), changed: true };
  if (value !== undefined) return { ok: true, text: value, changed: true };
  const question = suggestion(name, Object.keys(env), '');
  const advice = question === '' ? 'set it' : `${question} Else set it`;
  return {
    ok: false,
    message: `the environment variable \`${name}\` is not set; ${advice}, or give a default: \`\${${name}:-…}\``,
  };
}
