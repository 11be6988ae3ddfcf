/** The text of a first `smallfirst.yaml`. */

export interface Answers {
  /** The small model: on a server that was found, or in the gateway's process. */
  readonly small:
    | { readonly url: string; readonly model: string; readonly server: string }
    | { readonly model: string };
  /** The large model; `isKeySet`: its key is in the environment already. */
  readonly large:
    | { readonly url: string; readonly model: string; readonly isKeySet: boolean }
    | undefined;
  readonly policy: string;
  /** ISO 3166-1 alpha-3, for the grid's carbon; undefined = not known. */
  readonly zone: string | undefined;
}

/** One that `check` passes: what needs a key that is not there yet stands in a comment. */
export const configText = ({ small, large, policy, zone }: Answers): string =>
  `# Smallfirst's configuration, as \`smallfirst init\` wrote it. \`smallfirst check\` says where it is wrong;
# the reference is at /docs/configuration of the running gateway.

# This machine alone may ask. For others: host 0.0.0.0, auth { mode: keys }, and \`smallfirst keys create NAME\`.
server: { host: 127.0.0.1, port: 4100 }
auth: { mode: open }

upstreams:
${smallLines(small)}
${largeLines(large)}

# Which requests go where. ${POLICIES}
policy: ${policy}

# Records, keys, budgets and the policy's versions.
store: { kind: sqlite, path: .smallfirst/state.db }

# Where the electricity comes from, for grams of carbon; priceUsdPerKwh gives its cost too.
${zone === undefined ? '# energy: { zone: ESP, priceUsdPerKwh: 0.22 }' : `energy: { zone: ${zone} }`}
`;

const POLICIES =
  'Others that ship: observe, privacy-first, offline, cost-saver, quality-first, customer-support.';

function smallLines(small: Answers['small']): string {
  if ('url' in small)
    return `  # The small model: ${small.server} on this machine.
  - { name: local, kind: openai, locality: local, url: ${small.url}, model: ${quoted(small.model)} }`;
  return `  # The small model, in the gateway's process; it is fetched at the first start (\`smallfirst models list\`).
  - { name: local, kind: llama-cpp, model: ${quoted(small.model)} }`;
}

function largeLines(large: Answers['large']): string {
  const { url, model, isKeySet } = large ?? {
    url: 'https://api.openai.com/v1',
    model: 'gpt-4o',
    isKeySet: false,
  };
  const line = `- { name: cloud, kind: openai, locality: cloud, url: ${url}, apiKey: '\${OPENAI_API_KEY}', model: ${quoted(model)} }`;
  if (large !== undefined && isKeySet)
    return `  # The large model; its key comes from the environment.\n  ${line}`;
  return `  # The large model: set OPENAI_API_KEY in the environment and take the # away. Until then the small one answers everything.\n  # ${line}`;
}

/** In quotes where YAML would read a plain text as something else. */
const quoted = (text: string): string =>
  /^[A-Za-z][\w./-]*(?::[\w.-]+)?$/.test(text) ? text : JSON.stringify(text);
