/** What goes along with a message: model, system prompt, tools, schema, picture. */
import { useEffect, useRef } from 'preact/hooks';
import { send } from '../api.ts';
import { bearer } from '../chat-client.ts';
import { t } from '../i18n/index.ts';
import { change, options } from '../playground.ts';
import { mayChange, session } from '../session.ts';
import { useResource } from '../use-resource.ts';

interface Listed {
  readonly data: readonly { readonly id: string }[];
}

interface PlaygroundOptionsProps {
  readonly hasModel: boolean;
  readonly hasStream: boolean;
}

export function PlaygroundOptions({ hasModel, hasStream }: PlaygroundOptionsProps) {
  const words = t.value.playground;
  const { system, stream, tools, schema, picture } = options.value;
  return (
    <details class="panel">
      <summary>{words.options}</summary>
      <div class="form options">
        {hasModel ? <ModelChoice /> : null}
        {session.value?.mode === 'keys' ? <KeyField /> : null}
        <LongField
          label={words.system}
          value={system}
          onInput={(text) => change({ system: text })}
        />
        <LongField label={words.tools} value={tools} onInput={(text) => change({ tools: text })} />
        <LongField
          label={words.schema}
          value={schema}
          onInput={(text) => change({ schema: text })}
        />
        <label class="field">
          <span>{words.picture}</span>
          <input
            type="file"
            accept="image/png,image/jpeg,image/webp,image/gif"
            onChange={({ currentTarget }) => void choosePicture(currentTarget.files?.[0])}
          />
        </label>
        {picture === '' ? null : <Picture url={picture} />}
        {hasStream ? (
          <label class="field field-check">
            <input
              type="checkbox"
              checked={stream}
              onChange={({ currentTarget }) => change({ stream: currentTarget.checked })}
            />
            <span>{words.stream}</span>
          </label>
        ) : null}
      </div>
    </details>
  );
}

interface LongFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

function LongField({ label, value, onInput }: LongFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <textarea
        rows={3}
        spellcheck={false}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </label>
  );
}

/** Without a key a chat is asked as `dashboard`, by whoever may change things. */
function KeyField() {
  return (
    <label class="field">
      <span>{mayChange.value ? t.value.playground.ownKey : t.value.playground.key}</span>
      <input
        type="password"
        autocomplete="off"
        value={options.value.key}
        onInput={({ currentTarget }) => change({ key: currentTarget.value.trim() })}
      />
    </label>
  );
}

function ModelChoice() {
  const { key } = options.value;
  const isRefused = !mayChange.value && key === '';
  const { data } = useResource<Listed>(`models ${key}`, async () =>
    isRefused ? { data: [] } : await send<Listed>('GET', '/v1/models', undefined, bearer(key)),
  );
  const names = new Set(['auto', 'small', 'large', ...(data?.data ?? []).map(({ id }) => id)]);
  return (
    <label class="field">
      <span>{t.value.playground.model}</span>
      <select
        value={options.value.model}
        onChange={({ currentTarget }) => change({ model: currentTarget.value })}
      >
        {[...names].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

async function choosePicture(file: File | undefined): Promise<void> {
  if (file === undefined) return change({ picture: '' });
  const url = await new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.addEventListener('load', () =>
      resolve(typeof reader.result === 'string' ? reader.result : ''),
    );
    reader.readAsDataURL(file);
  });
  return change({ picture: url });
}

const PREVIEW_PX = 160;

/** Drawn on a canvas: the page's own rules let no picture be loaded. */
function Picture({ url }: { readonly url: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    void draw(canvas.current, url);
  }, [url]);
  return (
    <div class="field">
      <canvas ref={canvas} role="img" aria-label={t.value.playground.chosenPicture} />
      <button type="button" class="button button-small" onClick={() => change({ picture: '' })}>
        {t.value.playground.removePicture}
      </button>
    </div>
  );
}

async function draw(canvas: HTMLCanvasElement | null, url: string): Promise<void> {
  if (canvas === null) return;
  const [, base64 = ''] = url.split(',', 2);
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0);
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const scale = Math.min(1, PREVIEW_PX / Math.max(bitmap.width, bitmap.height));
  canvas.width = bitmap.width * scale;
  canvas.height = bitmap.height * scale;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}
