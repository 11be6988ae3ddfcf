/** The policy in force, its text, and its versions. */
import { useEffect, useState } from 'preact/hooks';
import type { ListedVersion, PolicyStatus, PolicyVersion } from '../../core/policy-store.ts';
import { get } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Facts } from '../parts/facts.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { PolicyEditor } from '../parts/policy-editor.tsx';
import { Said } from '../parts/said.tsx';
import { begunAt, versionPath, written } from '../policy/policy-state.ts';
import { useAction } from '../use-action.ts';
import { useResource } from '../use-resource.ts';
import { AuditTrail } from './policy-audit.tsx';
import { ModeChoice } from './policy-mode.tsx';
import { SaveForm } from './policy-save.tsx';
import { PolicySimulation } from './policy-simulation.tsx';
import { VersionTable } from './policy-versions.tsx';

interface Loaded {
  readonly status: PolicyStatus;
  readonly versions: readonly ListedVersion[];
}

const REFRESH_MS = 5000;

export function PolicyView() {
  const { data, error, isLoading, reload } = useResource<Loaded>(
    'policy',
    async (signal) => {
      const [status, { policies }] = await Promise.all([
        get<PolicyStatus>('/admin/policy', signal),
        get<{ readonly policies: readonly ListedVersion[] }>('/admin/policies', signal),
      ]);
      return { status, versions: policies };
    },
    REFRESH_MS,
  );
  if (data === undefined) {
    return (
      <>
        <Failure error={error} />
        <Loading isLoading={isLoading} />
      </>
    );
  }
  return (
    <>
      <Failure error={error} />
      <Status status={data.status} />
      <Text active={data.status.version} versions={data.versions} onChange={reload} />
      <AuditTrail turn={data.status.version} />
    </>
  );
}

function Status({ status }: { readonly status: PolicyStatus }) {
  const words = t.value.policy;
  const { name, version, mode, file, guards, problem, keyModes } = status;
  return (
    <section class="panel" aria-labelledby="in-force">
      <h2 id="in-force">{words.inForce}</h2>
      {problem === null ? null : (
        <div class="notice notice-bad" role="alert">
          <p>{words.broken(moment(problem.atMs))}</p>
          <ul class="list">
            {problem.problems.map(({ line, column, message }) => (
              <li key={`${line}:${column} ${message}`}>
                {line}:{column} <Said>{message}</Said>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Facts
        facts={[
          [words.name, <Name>{`${name}@${version}`}</Name>],
          [words.mode, mode],
          [words.file, <Name>{file}</Name>],
          [words.guards, guards === null ? t.value.common.none : guardsIn(guards)],
          ...(keyModes === 0 ? [] : [[words.keyModes, String(keyModes)] as const]),
        ]}
      />
    </section>
  );
}

const guardsIn = (guards: object): string =>
  Object.entries(guards)
    .map(([name, bound]) => `${name} ${String(bound)}`)
    .join(', ');

interface TextProps {
  readonly active: string;
  readonly versions: readonly ListedVersion[];
  readonly onChange: () => void;
}

function Text({ active, versions, onChange }: TextProps) {
  const words = t.value.policy;
  const [original, setOriginal] = useState<PolicyVersion | undefined>(undefined);
  const { error, run } = useAction();
  const newest = versions[0]?.version;
  const open = (version: string): Promise<boolean> => run(() => load(version, newest));
  const compare = (version: string): Promise<boolean> =>
    run(async () => setOriginal(await get<PolicyVersion>(versionPath(version))));
  useEffect(() => {
    if (written.value === undefined) void open(active);
  }, [active]);
  return (
    <>
      <section class="panel" aria-labelledby="text">
        <h2 id="text">{words.text}</h2>
        <ModeChoice />
        <PolicyEditor original={original?.text} />
        {original === undefined ? null : (
          <p class="row">
            {words.comparedWith(`${original.name}@${original.version}`)}
            <button
              type="button"
              class="button button-small"
              onClick={() => setOriginal(undefined)}
            >
              {words.stopComparing}
            </button>
          </p>
        )}
        <SaveForm onChange={onChange} onCompare={(version) => void compare(version)} />
        <Failure error={error} />
      </section>
      <PolicySimulation />
      <VersionTable versions={versions} onChange={onChange} onOpen={open} onCompare={compare} />
    </>
  );
}

async function load(version: string, newest: string | undefined): Promise<void> {
  const { text } = await get<PolicyVersion>(versionPath(version));
  written.value = text;
  begunAt.value = newest;
}
