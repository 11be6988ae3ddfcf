/** The frame around every view: navigation, banners, and who is signed in. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { isSignInWanted, silentSinceMs } from './api.ts';
import { state, type State } from './live.ts';
import { timeOfDay } from './format.ts';
import { t } from './i18n/index.ts';
import { said } from './i18n/said/index.ts';
import { Link } from './parts/link.tsx';
import { Said } from './parts/said.tsx';
import { address, pathTo } from './router.ts';
import type { View } from './view-names.ts';
import { SignIn } from './parts/sign-in.tsx';
import { isOutside, session } from './session.ts';
import { Shown } from './views/index.tsx';

const groups = [
  { group: 'watch', views: ['overview', 'requests', 'upstreams', 'energy'] },
  { group: 'try', views: ['playground', 'compare', 'explain'] },
  { group: 'run', views: ['policy', 'keys', 'settings'] },
] as const satisfies readonly { readonly group: string; readonly views: readonly View[] }[];

export function App() {
  const facts = state.value;
  if (session.value === undefined) return null;
  if (isOutside.value) {
    return (
      <main id="content" class="outside">
        <h1 class="brand">Smallfirst</h1>
        <SignIn hasEnded={false} />
      </main>
    );
  }
  return (
    <>
      <a class="skip" href="#content" onClick={toContent}>
        {t.value.shell.skip}
      </a>
      <Header facts={facts} />
      <Content facts={facts} />
    </>
  );
}

function toContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Header({ facts }: { readonly facts: State | undefined }) {
  const words = t.value.shell;
  const [isOpen, setOpen] = useState(false);
  const { view } = address.value;
  // Another view was chosen: the menu of a narrow window is no longer in the way.
  useEffect(() => setOpen(false), [view]);
  return (
    <header class="side">
      <div class="side-top">
        <Link to={pathTo('overview')} class="brand">
          Smallfirst
        </Link>
        <button
          type="button"
          class="button menu-button"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        >
          {words.menu}
        </button>
      </div>
      <nav id="navigation" aria-label={words.navigation} class={isOpen ? 'nav is-open' : 'nav'}>
        {groups.map(({ group, views }) => (
          <div key={group} class="nav-group">
            <p class="nav-title" id={`nav-${group}`}>
              {words.groups[group]}
            </p>
            <ul aria-labelledby={`nav-${group}`}>
              {views.map((each) => (
                <li key={each}>
                  <Link to={pathTo(each)} isCurrent={view === each}>
                    {words.views[each]}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {facts === undefined ? null : (
        <p class="side-foot">
          {words.policy(facts.policy.name, facts.policy.mode)}
          <br />
          Smallfirst {facts.version}
        </p>
      )}
    </header>
  );
}

function titleOf(view: View | undefined, id: string | undefined): string {
  const words = t.value.shell;
  if (view === undefined) return words.noView;
  return view === 'requests' && id !== undefined ? words.request : words.views[view];
}

function Content({ facts }: { readonly facts: State | undefined }) {
  const { view, id } = address.value;
  const words = t.value.shell;
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  const title = titleOf(view, id);
  useEffect(() => {
    document.title = `${title} · Smallfirst`;
  }, [title]);
  useEffect(() => {
    if (!isFirst.current) {
      heading.current?.focus();
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [view, id]);
  const silent = silentSinceMs.value;
  return (
    <main id="content" tabIndex={-1} class={silent === undefined ? '' : 'is-stale'}>
      {isSignInWanted.value ? <SignIn hasEnded /> : null}
      {facts?.notice ? (
        <p class="notice notice-demo">
          <Said>{facts.notice}</Said>
        </p>
      ) : null}
      {silent === undefined ? null : (
        <p class="notice notice-bad" role="alert">
          {words.silentSince(timeOfDay(silent))}
        </p>
      )}
      {facts !== undefined && !facts.ready ? (
        <p class="notice notice-bad">{words.notReady(said(facts.detail).text)}</p>
      ) : null}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <Shown view={view} />
    </main>
  );
}
