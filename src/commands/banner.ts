/** The text that `serve` prints when it is ready: upstreams, policy, address, and an example request. */
import type { RunningGateway } from '../app.ts';

type Shown = Pick<RunningGateway, 'url' | 'adminUrl' | 'basePath' | 'about' | 'authIsOpen'>;

export function banner({ url, adminUrl, basePath, about, authIsOpen }: Shown): string {
  const key = authIsOpen ? '' : " -H 'Authorization: Bearer '$YOUR_KEY";
  return [
    '',
    ...about.upstreams.map((line) => `  ${line}`),
    `  policy    ${about.policy}`,
    '',
    `Smallfirst ${about.version} is at ${url}  (an OpenAI client needs baseURL ${url}/v1)`,
    `  dashboard ${url}${basePath}/dashboard`,
    `  docs      ${url}${basePath}/docs`,
    '',
    ...(adminUrl === url ? [] : [`Administration and metrics are at ${adminUrl}`]),
    'Try it:',
    `  curl ${url}/v1/chat/completions${key} -H 'Content-Type: application/json' \\`,
    `    -d '{"model": "auto", "messages": [{"role": "user", "content": "What is the capital of France?"}]}'`,
    '',
    '',
  ].join('\n');
}
