import { render } from 'preact';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/charts.css';
import './styles/keys.css';
import './styles/playground.css';
import './styles/requests.css';
import './styles/request.css';
import { App } from './app.tsx';
import { followScheme } from './charts/colours.ts';
import { listen } from './live.ts';
import { followHistory } from './router.ts';
import { askWho } from './session.ts';
import { followSettings } from './settings.ts';

followSettings(document.documentElement);
followScheme();
followHistory();
void begin();
/** Who is signed in comes first: nothing is asked that would be refused. */
async function begin(): Promise<void> {
  await askWho();
  listen();
}

const place = document.getElementById('app');
place?.replaceChildren();
if (place !== null) render(<App />, place);
