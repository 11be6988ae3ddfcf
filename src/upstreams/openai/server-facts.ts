/** The facts about one server: as configured, else as reported or observed, else from its dialect's row and its model. */
import type { Locality, UpstreamFacts } from '../../core/decision.ts';
import type { Capability } from '../../core/signal.ts';
import type { DialectName } from '../../core/dialect-names.ts';
import { dialects, type Dialect } from '../dialects.ts';
import type { ServerIdentity } from '../identify-server.ts';

export interface Declared {
  readonly locality: Locality;
  readonly model: string;
  readonly models: readonly string[];
  readonly contextTokens?: number | undefined;
  /** The model's own limit, on any server. */
  readonly trainedContextTokens?: number | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
  readonly dialect?: DialectName | undefined;
  /** The dialect until a probe identifies the server. */
  readonly assumed: DialectName;
}

export interface ServerFacts {
  facts(): UpstreamFacts;
  dialect(): Dialect;
  dialectName(): DialectName;
  /** Takes the result of a probe. */
  update(look: ServerIdentity | undefined, models: readonly string[]): void;
  /** Takes an observed window, smaller than the declared or reported one. */
  learnWindow(tokens: number): void;
}

export function serverFacts(declared: Declared): ServerFacts {
  let seen: ServerIdentity | undefined;
  let listed: readonly string[] = [];
  let shownTokens: number | undefined;
  let facts = factsOf();

  function dialectName(): DialectName {
    return declared.dialect ?? seen?.dialect ?? declared.assumed;
  }

  function factsOf(): UpstreamFacts {
    const dialect = dialects[dialectName()];
    const contextTokens =
      least(declared.contextTokens, seen?.contextTokens, shownTokens) ??
      least(dialect.assumedContextTokens, declared.trainedContextTokens);
    return {
      locality: declared.locality,
      model: declared.model,
      models: [...new Set([declared.model, ...declared.models, ...listed])],
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(seen?.modelDigest === undefined ? {} : { modelDigest: seen.modelDigest }),
      capabilities: capabilitiesOf(declared, dialect, seen),
    };
  }

  return {
    facts: () => facts,
    dialect: () => dialects[dialectName()],
    dialectName,
    update: (look, models) => {
      seen = look === undefined ? seen : withEarlier(look, seen);
      listed = models;
      facts = factsOf();
    },
    learnWindow: (tokens) => {
      shownTokens = tokens;
      facts = factsOf();
    },
  };
}

/** Keeps what an earlier probe found out and a later one could not: a busy server does not answer every question in time. */
function withEarlier(look: ServerIdentity, earlier: ServerIdentity | undefined): ServerIdentity {
  if (earlier?.capabilityOverrides === undefined || earlier.dialect !== look.dialect) return look;
  const capabilityOverrides = { ...earlier.capabilityOverrides, ...look.capabilityOverrides };
  return { ...look, capabilityOverrides };
}

/** The smallest known window: a prompt for a larger declared one would be truncated. */
function least(...tokens: readonly (number | undefined)[]): number | undefined {
  const known = tokens.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function capabilitiesOf(
  declared: Declared,
  dialect: Dialect,
  seen: ServerIdentity | undefined,
): ReadonlySet<Capability> {
  if (declared.capabilities !== undefined) return new Set(declared.capabilities);
  if (seen?.capabilityOverrides === undefined) return dialect.capabilities;
  const has = { ...seen.capabilityOverrides };
  const known = [...dialect.capabilities].filter((capability) => has[capability] !== false);
  const more = Object.entries(has).flatMap(([name, isThere]) => (isThere ? [name] : []));
  // The keys of a partial record of capabilities are capabilities.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Set([...known, ...(more as Capability[])]);
}
