/** The English catalogue; its shape is what every other language has to have. */
import { collected } from './collected.ts';
import { common, outcomes, shell, signIn, tiers } from './common.ts';
import { keys } from './keys.ts';
import { overview } from './overview.ts';
import { playground } from './playground.ts';
import { policy, simulation } from './policy.ts';
import { request } from './request.ts';
import { requests } from './requests.ts';
import { settings } from './settings.ts';
import { energy, upstreams } from './upstreams.ts';

export const en = {
  common,
  outcomes,
  tiers,
  shell,
  signIn,
  collected,
  keys,
  overview,
  policy,
  simulation,
  playground,
  requests,
  request,
  energy,
  upstreams,
  settings,
};

export type Catalogue = typeof en;
