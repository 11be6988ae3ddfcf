/** LiteLLM's proxy, from PyPI, in a virtual environment beside this file. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pythonEnvironment } from '../clients/support/python-environment.ts';
import type { Start, Under } from './servers.ts';

/** It does not start without one. */
const KEY = `sk-${randomBytes(24).toString('hex')}`;

const here = (path: string): string => join(import.meta.dirname, path);

/** Its Python, or undefined where it cannot be installed: then `say` hears why. */
export async function litellmPython(say: (line: string) => void): Promise<string | undefined> {
  const found = await pythonEnvironment(here('requirements-litellm.txt'), here('.venv'));
  if ('python' in found) return found.python;
  say(`LiteLLM is left out: ${found.missing}`);
  return undefined;
}

/** One process, as its documentation starts it; nothing is fetched at the start. */
export function litellmOptions(
  python: string,
  { folder, upstream, port }: Under & { readonly port: number },
): Start {
  const config = join(folder, 'litellm.yaml');
  const params = { model: 'openai/*', api_base: `${upstream}/v1`, api_key: 'bench' };
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [{ model_name: '*', litellm_params: params }],
      litellm_settings: { telemetry: false },
      general_settings: { master_key: KEY },
    }),
  );
  const where = ['--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'];
  return {
    name: 'litellm',
    command: [join(dirname(python), 'litellm'), '--config', config, ...where],
    env: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR' },
    port,
    ready: '/health/liveliness',
    headers: { authorization: `Bearer ${KEY}` },
  };
}
