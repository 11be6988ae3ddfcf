import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, send } from '../api.ts';
import { t } from '../i18n/index.ts';
import { said } from '../i18n/said/index.ts';
import type { Editor, PolicyProblem } from '../policy/editor.ts';
import { written } from '../policy/policy-state.ts';

interface PolicyEditorProps {
  /** The text that differences are marked against. */
  readonly original: string | undefined;
}

/** The editor, which is fetched when this is first shown. */
export function PolicyEditor({ original }: PolicyEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | undefined>(undefined);
  const label = t.value.policy.text;
  useEffect(() => {
    const ended = new AbortController();
    let made: Editor | undefined;
    const make = async (): Promise<void> => {
      const { createEditor } = await import('../policy/editor.ts');
      const host = place.current;
      if (ended.signal.aborted || host === null) return;
      const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
      made = createEditor({ root, text: written.value ?? '', label, onText: keep, check });
      setEditor(made);
    };
    void make();
    return () => {
      ended.abort();
      made?.destroy();
    };
  }, [label]);
  useEffect(() => editor?.compareWith(original), [editor, original]);
  const text = written.value;
  useEffect(() => {
    // Loaded from a version or changed by a button. What is typed meanwhile is newer than what was drawn.
    const now = written.peek();
    if (editor !== undefined && now !== undefined && editor.text() !== now) editor.setText(now);
  }, [editor, text]);
  return (
    <div>
      {editor === undefined ? <p class="quiet">{t.value.common.loading}</p> : null}
      <div ref={place} class="policy-editor" />
    </div>
  );
}

const keep = (text: string): void => {
  written.value = text;
};

interface Checked {
  readonly problems: readonly PolicyProblem[];
}

async function check(text: string): Promise<readonly PolicyProblem[]> {
  try {
    const { problems } = await send<Checked>('POST', '/admin/policies/check', { text });
    return problems.map(({ line, column, message }) => ({
      line,
      column,
      message: said(message).text,
    }));
  } catch (error) {
    const message = error instanceof ApiError ? said(error.message).text : t.value.common.noAnswer;
    return [{ line: 1, column: 1, message }];
  }
}
