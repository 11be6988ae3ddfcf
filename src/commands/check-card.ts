/** What a competence card says of a policy's domains: which are beyond the small model, and which it could have. */
import { taskKind } from '../competence/card.ts';
import { goldenSet } from '../competence/golden-set.ts';
import type { CompetenceCard, Share } from '../core/competence.ts';
import type { Policy } from '../core/policy.ts';
import { surelyWrittenIn } from '../signals/language/shipped.ts';

/** Below this share of right answers a domain that says `use: small` is warned of. */
const TOO_FEW = 0.6;
/** From this share on, of so many items, a kind may be a domain. */
const [ENOUGH, ITEMS] = [0.9, 30];
/** Of a suggested domain. */
const EXAMPLES = 4;

type Domains = Pick<Policy, 'name' | 'domains'>;

/** Lines for people. */
export function cardLines(policy: Domains, card: CompetenceCard): readonly string[] {
  const cellsOf = cellReader();
  const warned = policy.domains.flatMap((domain) => {
    if (domain.use !== 'small') return [];
    const cells = [...cellsOf(domain.examples, card)];
    const { right, items } = together(cells.map((cell) => card.passed[cell]));
    if (items === 0 || right / items >= TOO_FEW) return [];
    return [
      `policy ${policy.name}: domain \`${domain.name}\` says \`use: small\`, and ${card.model} has ${right} of ${items} such tasks right (${cells.join(', ')} of its card): let the large model have them, or measure your own with \`calibrate --golden\``,
    ];
  });
  const able = suggested(policy, card).map(({ cell, share }) => `${cell} ${counted(share)}`);
  return able.length === 0
    ? warned
    : [
        ...warned,
        `policy ${policy.name}: ${card.model} could have a domain for ${able.join(', ')}; \`check --suggest\` prints the change`,
      ];
}

/** A unified diff that adds the domains which the card supports; undefined where there is none. */
export function suggestedDiff(
  policy: Domains,
  card: CompetenceCard,
  { text, file }: { readonly text: string; readonly file: string },
): string | undefined {
  const found = suggested(policy, card);
  if (found.length === 0) return undefined;
  const added = found.map(
    ({ cell, share }) =>
      `+  - { name: ${nameOf(cell)}, use: small, examples: ${JSON.stringify(examplesOf(cell))} } # ${counted(share)} right, by the card of ${card.model}`,
  );
  const lines = text.trimEnd().split('\n');
  const at = lines.findIndex((line) => /^domains:\s*(?:#.*)?$/.test(line));
  const context = at === -1 ? lines.length - 1 : at;
  const plus = at === -1 ? ['+domains:', ...added] : added;
  const head = `@@ -${context + 1},1 +${context + 1},${plus.length + 1} @@`;
  return [`--- ${file}`, `+++ ${file}`, head, ` ${lines[context] ?? ''}`, ...plus].join('\n');
}

interface Suggested {
  readonly cell: string;
  readonly share: Share;
}

/** Kinds and languages that no domain has yet. */
function suggested({ domains }: Domains, card: CompetenceCard): readonly Suggested[] {
  const cellsOf = cellReader();
  const taken = new Set(domains.flatMap(({ examples }) => [...cellsOf(examples, card)]));
  const names = new Set(domains.map(({ name }) => name));
  return Object.entries(card.passed).flatMap(([cell, share]) => {
    const isAble = share.items >= ITEMS && share.right / share.items >= ENOUGH;
    if (!isAble || taken.has(cell) || names.has(nameOf(cell))) return [];
    return examplesOf(cell).length === 0 ? [] : [{ cell, share }];
  });
}

/** Of what a kind of task is in a request: `facts.en`. What is told apart by no words has no cell. */
function cellReader() {
  const languageOf = surelyWrittenIn();
  return (examples: readonly string[], card: CompetenceCard): ReadonlySet<string> =>
    new Set(
      examples.flatMap((content) => {
        const kind = taskKind({ messages: [{ role: 'user', content }] });
        const language = languageOf(content);
        const languages = language === undefined ? card.languages : [language];
        return languages
          .map((each) => `${kind}.${each}`)
          .filter((cell) => card.passed[cell] !== undefined);
      }),
    );
}

function together(shares: readonly (Share | undefined)[]): { right: number; items: number } {
  const sum = { right: 0, items: 0 };
  for (const share of shares) {
    sum.right += share?.right ?? 0;
    sum.items += share?.items ?? 0;
  }
  return sum;
}

const counted = ({ right, items }: Share): string => `${right} of ${items}`;

/** Policies' names have no dots. */
const nameOf = (cell: string): string => cell.replace('.', '-');

/** Questions of the shipped set, where one message is all of the task. */
function examplesOf(cell: string): readonly string[] {
  const [kind, language] = cell.split('.');
  return goldenSet()
    .filter((item) => item.kind === kind && item.language === language)
    .flatMap(({ messages: [first, ...more] }) =>
      first === undefined || more.length > 0 || first.role !== 'user' ? [] : [first.content],
    )
    .filter((_, at, all) => at % Math.ceil(all.length / EXAMPLES) === 0);
}
