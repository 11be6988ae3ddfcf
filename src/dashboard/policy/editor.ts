/** The text of a policy, with its mistakes at their place and its difference to another version. Loaded by the policy view alone. */
import { autocompletion, completeAnyWord, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** As `POST /admin/policies/check` answers. */
export interface PolicyProblem {
  /** Both count from 1; 0 = at no place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface EditorOptions {
  /** A shadow root: only there does the editor make style sheets that the page's rules allow. */
  readonly root: ShadowRoot;
  readonly text: string;
  readonly label: string;
  readonly onText: (text: string) => void;
  readonly check: (text: string) => Promise<readonly PolicyProblem[]>;
}

export interface Editor {
  text(): string;
  setText(text: string): void;
  /** Marks what differs from this text; undefined: from nothing. */
  compareWith(original: string | undefined): void;
  destroy(): void;
}

/** After the last key for so long, the text is checked. */
const CHECK_AFTER_MS = 400;

export function createEditor({ root, text, label, onText, check }: EditorOptions): Editor {
  const comparison = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        yaml(),
        syntaxHighlighting(COLOURS),
        autocompletion({ override: [completeAnyWord] }),
        lintGutter(),
        linter(async ({ state: { doc } }) => diagnosticsOf(await check(doc.toString()), doc), {
          delay: CHECK_AFTER_MS,
        }),
        // Tab is left alone: it leads out of the editor, as everywhere on the page.
        keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onText(update.state.doc.toString());
        }),
        LOOK,
        comparison.of([]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    setText: (now) => {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now } });
    },
    compareWith: (original) => {
      view.dispatch({ effects: comparison.reconfigure(comparisonWith(original)) });
    },
    destroy: () => view.destroy(),
  };
}

const comparisonWith = (original: string | undefined): Extension =>
  original === undefined ? [] : unifiedMergeView({ original, mergeControls: false });

function diagnosticsOf(problems: readonly PolicyProblem[], doc: Text): readonly Diagnostic[] {
  return problems.map(({ line, column, message }) => {
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const start = Math.min(from + Math.max(column - 1, 0), to);
    return { from: start, to, severity: 'error', message };
  });
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--small)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--text-quiet)', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.keyword], color: 'var(--large)' },
]);

const LOOK = EditorView.theme({
  '&': {
    color: 'var(--text)',
    backgroundColor: 'var(--panel)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    fontSize: '0.87rem',
    maxHeight: '34rem',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--panel-raised)',
    color: 'var(--text-quiet)',
    border: 'none',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
  },
  // The editor's own marks are pictures, which the page's rules do not let in.
  '.cm-lint-marker-error': { content: 'normal' },
  '.cm-lint-marker-error::before': { content: '"✕"', color: 'var(--bad)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
  },
  '.cm-deletedChunk': { backgroundColor: 'var(--bad-ground)', color: 'var(--text)' },
  '.cm-changedLine': { backgroundColor: 'var(--accent-ground)' },
});
