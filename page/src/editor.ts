// The editor of rules: YAML, findings in the gutter with their hints, samples of each rule beside it.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml, yamlLanguage } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import {
  EditorView, GutterMarker, drawSelection, dropCursor, gutter, highlightActiveLine, highlightActiveLineGutter,
  keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completionSource, type Known } from "./completion";
import { el } from "./dom";
import type { Finding, RuleCount } from "./api";

// Colours are the page's own properties, so that they follow light and dark.
const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.bool, tags.number, tags.atom], color: "var(--code-word)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);

const THEME = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--ink)", backgroundColor: "var(--card)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--page)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  ".cm-selectionMatch": { backgroundColor: "var(--mark)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)", outline: "none" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "6px", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--chosen)", color: "var(--ink)" },
  ".cm-completionInfo": { maxWidth: "26em", whiteSpace: "pre-line", padding: "6px 10px" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-panel button, .cm-panel input": { font: "inherit", fontSize: "13px", backgroundImage: "none" },
  ".cm-textfield": { backgroundColor: "var(--card)", border: "1px solid var(--edge)", color: "var(--ink)" },
  ".cm-button": { backgroundColor: "var(--card)", border: "1px solid var(--edge)", color: "var(--ink)", backgroundImage: "none" },
  ".cm-diagnostic": { fontFamily: "inherit", whiteSpace: "pre-wrap", overflowWrap: "anywhere", maxWidth: "46em" },
  ".cm-diagnostic .hint": { display: "block", color: "var(--soft)", marginTop: "2px" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn)", textUnderlineOffset: "3px" },
  ".cm-samples": { minWidth: "3.2em", textAlign: "right", paddingRight: "6px", color: "var(--good)", fontSize: "11px" },
  ".cm-samples .none": { color: "var(--warn)", fontWeight: "600" },
});

class Samples extends GutterMarker {
  constructor(private readonly samples: number) {
    super();
  }
  override eq(other: Samples): boolean {
    return other.samples === this.samples;
  }
  override toDOM(): HTMLElement {
    const words = this.samples ? `this rule makes ${this.samples} samples` : "this rule makes no sample";
    return el(`span${this.samples ? "" : ".none"}`, { title: words }, String(this.samples));
  }
}

const setCounts = StateEffect.define<[line: number, samples: number][]>();
const counts = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(value, change) {
    let set = value.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(setCounts)) continue;
      const lines = new Map(effect.value.filter(([line]) => line >= 1 && line <= change.state.doc.lines));
      const sorted = [...lines].sort(([a], [b]) => a - b);
      set = RangeSet.of(sorted.map(([line, samples]) => new Samples(samples).range(change.state.doc.line(line).from)));
    }
    return set;
  },
});

export class Editor {
  readonly view: EditorView;

  constructor(nonce: string, text: string, known: () => Known, changed: () => void) {
    this.view = new EditorView({
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          lintGutter(), lineNumbers(), counts,
          gutter({ class: "cm-samples", markers: (view) => view.state.field(counts) }),
          history(), drawSelection(), dropCursor(), bracketMatching(), closeBrackets(), indentUnit.of("  "),
          highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), search({ top: true }),
          yaml(), yamlLanguage.data.of({ autocomplete: completionSource(known) }),
          autocompletion({ icons: false }), syntaxHighlighting(COLOURS), THEME,
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ "aria-label": "Rules, in YAML", spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed();
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Replaces a part of the text, or all of it, and goes to *at*. */
  put(from: number, to: number, insert: string, at: number): void {
    this.view.dispatch({ changes: { from, to, insert }, selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  /** Goes to a line, counted from 1, and to a column of code points, from 1. */
  goTo(line: number, column: number | null): void {
    const at = place(this.view.state.doc, line, column);
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  /** Marks what was found in the text that is there now. */
  mark(findings: Finding[]): void {
    const { doc } = this.view.state;
    const found = findings.map((one): Diagnostic => {
      const from = place(doc, one.line ?? 1, one.column);
      return {
        from, to: endOf(doc, from), severity: one.level === "error" ? "error" : "warning", message: one.message,
        renderMessage: () => el("span", {}, one.message, one.hint ? el("span.hint", {}, `hint: ${one.hint}`) : null),
      };
    });
    found.sort((a, b) => a.from - b.from || a.to - b.to);
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** Shows how many samples each rule of this text makes. */
  tell(rules: RuleCount[]): void {
    const lines = new Map<number, number>();
    for (const rule of rules) {
      const line = lineOf(rule.line);
      if (line) lines.set(line, (lines.get(line) ?? 0) + rule.samples);
    }
    this.view.dispatch({ effects: setCounts.of([...lines]) });
  }

  /** Puts *now* in the place of *was* in the rule that begins at *line*; false if it isn't there as it is. */
  replaceIn(line: number, was: string, now: string): boolean {
    const { doc } = this.view.state;
    if (line > doc.lines) return false;
    const { from: start, length } = doc.line(line);
    const text = doc.sliceString(start);
    const next = text.slice(length).search(/^\s*- /m);
    const at = text.slice(0, next < 0 ? text.length : length + next).indexOf(was);
    if (at < 0) return false;
    this.put(start + at, start + at + was.length, now, start + at + now.length);
    return true;
  }
}

/** The line of a place in the editor's text, "editor:12"; 0 for a place elsewhere. */
export function lineOf(at: string | null): number {
  return Number(/^editor:(\d+)/.exec(at ?? "")?.[1] ?? 0);
}

function place(doc: Text, line: number, column: number | null): number {
  const row = doc.line(Math.max(1, Math.min(doc.lines, line)));
  const before = [...row.text].slice(0, Math.max(0, (column ?? 1) - 1)).join("");
  return Math.min(row.to, row.from + before.length);
}

/** The end of what a finding points at: of the value or key that begins there. */
function endOf(doc: Text, from: number): number {
  const row = doc.lineAt(from);
  const rest = row.text.slice(from - row.from);
  const key = /^[\w-]+(?=:(\s|$))/.exec(rest)?.[0] ?? rest.replace(/\s+(#.*)?$/, "");
  return Math.min(row.to, from + Math.max(1, key.length));
}
