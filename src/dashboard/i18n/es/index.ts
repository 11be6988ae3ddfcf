/** The Spanish catalogue. */
import type { Catalogue } from '../en/index.ts';
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

export const es: Catalogue = {
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
