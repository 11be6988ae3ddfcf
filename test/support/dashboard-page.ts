/** Runs the dashboard's script against a gateway, in a page with only the DOM that the script uses. */
import { createContext, runInContext } from 'node:vm';

/** A DOM element reduced to its text, its children and the few properties that the script sets. */
class PageElement {
  readonly tag: string;
  readonly style: Record<string, string> = {};
  className = '';
  title = '';
  hidden = false;
  tabIndex = -1;
  #children: readonly (PageElement | string)[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  get textContent(): string {
    return this.#children
      .map((child) => (typeof child === 'string' ? child : child.textContent))
      .join('');
  }

  set textContent(text: string) {
    this.#children = [text];
  }

  get children(): readonly PageElement[] {
    return this.#children.filter((child) => child instanceof PageElement);
  }

  append(...added: readonly (PageElement | string)[]): void {
    this.#children = [...this.#children, ...added];
  }

  replaceChildren(...now: readonly (PageElement | string)[]): void {
    this.#children = now;
  }

  addEventListener(): void {}
}

export interface DashboardPage {
  /** The status line: what is shown, or the error. */
  readonly state: string;
  /** By the tile's name: its figure and the note below it. */
  readonly tiles: Readonly<Record<string, readonly [figure: string, note: string]>>;
  /** The table of requests, newest first: the class of each row and the texts of its cells. */
  readonly rows: readonly { readonly className: string; readonly cells: readonly string[] }[];
}

/** Loads the script that the gateway serves and lets it draw once. */
export async function openDashboard(gatewayUrl: string): Promise<DashboardPage> {
  const script = await (await fetch(`${gatewayUrl}/dashboard/dashboard.js`)).text();
  const byId = new Map<string, PageElement>();
  const element = (id: string): PageElement => {
    const found = byId.get(id) ?? new PageElement('div');
    byId.set(id, found);
    return found;
  };
  await new Promise<void>((resolve) => {
    const page = createContext({
      document: { getElementById: element, createElement: (tag: string) => new PageElement(tag) },
      fetch: (path: string, init: RequestInit) => fetch(gatewayUrl + path, init),
      sessionStorage: { getItem: () => null },
      // The script sets its next refresh once it has drawn.
      setTimeout: () => resolve(),
    });
    runInContext(script, page);
  });
  return {
    state: element('state').textContent,
    tiles: Object.fromEntries(
      element('tiles').children.map((tile) => {
        const [figure, note] = tile.children.map(({ textContent }) => textContent);
        const name = tile.textContent.slice(0, -`${figure}${note}`.length);
        return [name, [figure!, note!]];
      }),
    ),
    rows: element('requests').children.map(({ className, children }) => ({
      className,
      cells: children.map(({ textContent }) => textContent),
    })),
  };
}
