/** The pages under `/docs`: their addresses, and the files that are read in the repository as well. */

export interface DocsPage {
  readonly slug: string;
  readonly title: string;
  /** From the package's root. */
  readonly file: string;
}

const guide = (slug: string, title: string): DocsPage => ({
  slug,
  title,
  file: `src/docs/${slug}.md`,
});

export const GUIDES: readonly DocsPage[] = [
  guide('first-day', 'First day, with Ollama'),
  guide('es/primer-dia', 'Primer día, con Ollama (español)'),
  guide('small-model', 'Which small model for which machine'),
  { slug: 'bot', title: 'A support bot', file: 'deploy/examples/support-bot/README.md' },
  {
    slug: 'es/bot',
    title: 'Un bot de atención (español)',
    file: 'deploy/examples/support-bot/README.es.md',
  },
  guide('private-data', 'Private data'),
  guide('distillation', 'Tune a small model on your own traffic'),
  guide('rollout', 'Observe, shadow, canary, on'),
  guide('keys-and-budgets', 'Keys and budgets'),
  guide('operating', 'Operating'),
  guide('errors', 'An answer to each error'),
  guide('from-litellm', 'Moving from LiteLLM'),
];

export const REFERENCES: readonly DocsPage[] = [
  guide('command-line', 'Command line'),
  { slug: 'configuration', title: 'Configuration', file: 'src/config/README.md' },
  { slug: 'policies', title: 'Policies', file: 'policies/README.md' },
  guide('routes', 'Routes'),
  guide('headers', 'Headers'),
  guide('metrics', 'Metrics'),
  guide('typescript', 'Types for TypeScript programs'),
];

export const PAGES: readonly DocsPage[] = [...GUIDES, ...REFERENCES];
