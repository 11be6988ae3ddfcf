import type { ComponentType } from 'preact';
import { t } from '../i18n/index.ts';
import { Link } from '../parts/link.tsx';
import { address, pathTo } from '../router.ts';
import type { View } from '../view-names.ts';
import { CompareView } from './compare.tsx';
import { EnergyView } from './energy.tsx';
import { ExplainView } from './explain.tsx';
import { KeysView } from './keys.tsx';
import { OverviewView } from './overview.tsx';
import { PlaygroundView } from './playground.tsx';
import { PolicyView } from './policy.tsx';
import { RequestView } from './request.tsx';
import { RequestsView } from './requests.tsx';
import { SettingsView } from './settings.tsx';
import { UpstreamsView } from './upstreams.tsx';

const SHOWN: Readonly<Record<View, ComponentType>> = {
  overview: OverviewView,
  requests: OneOrAll,
  playground: PlaygroundView,
  compare: CompareView,
  explain: ExplainView,
  upstreams: UpstreamsView,
  energy: EnergyView,
  policy: PolicyView,
  keys: KeysView,
  settings: SettingsView,
};

/** The view that the address names. */
export function Shown({ view }: { readonly view: View | undefined }) {
  if (view === undefined) {
    return (
      <p>
        <Link to={pathTo('overview')}>{t.value.shell.toOverview}</Link>
      </p>
    );
  }
  const Named = SHOWN[view];
  return <Named />;
}

function OneOrAll() {
  const { id } = address.value;
  return id === undefined ? <RequestsView /> : <RequestView key={id} id={id} />;
}
