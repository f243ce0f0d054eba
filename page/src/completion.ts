// What can stand here: keys and values of rule files by their JSON Schema, packs, and lines of this JVM.

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorState } from "@codemirror/state";
import type { SchemaNode } from "./api";

/** What is known besides the schema. */
export interface Known { schema: SchemaNode | null; packs: string[]; patterns: () => string[] }

const KEY = /^(\s*(?:- +)?)([\w-]*)$/;
const VALUE = /^(\s*(?:- +)?)([\w-]+):( +)(["']?)([^"'#]*)$/;
const ITEM = /^(\s*)- +(["']?)([^"'#:]*)$/;

export function completionSource(known: () => Known) {
  return (context: CompletionContext): CompletionResult | null => {
    const { schema, packs, patterns } = known();
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!schema || before.trimStart().startsWith("#")) return null;
    const value = VALUE.exec(before);
    if (value) return ofValue(context, value, schema, packs, patterns);
    const parents = parentsOf(context.state, line.number, indentOf(before));
    const item = ITEM.exec(before);
    if (item && parents.at(-1) === "include") return packResult(context, item[3] ?? "", packs);
    const key = KEY.exec(before);
    return key ? ofKey(context, key[2] ?? "", nodeAt(schema, schema, parents), schema) : null;
  };
}

function ofKey(context: CompletionContext, word: string, node: SchemaNode | null, root: SchemaNode): CompletionResult | null {
  const properties = node?.properties;
  if (!properties || (!word && !context.explicit && !/- +$/.test(lineBefore(context)))) return null;
  const used = siblings(context.state, context.pos);
  const options = Object.entries(properties)
    .filter(([name]) => !used.has(name))
    .map(([name, of]): Completion => ({ label: name, type: "property", ...info(of), apply: name + ending(of, root) }));
  return { from: context.pos - word.length, options, validFor: /^[\w-]*$/ };
}

function ofValue(
  context: CompletionContext, match: RegExpExecArray, schema: SchemaNode, packs: string[], patterns: () => string[],
): CompletionResult | null {
  const [, indent = "", key = "", , quote = "", text = ""] = match;
  if (key === "include") return null;
  const parents = parentsOf(context.state, context.state.doc.lineAt(context.pos).number, indent.length);
  const from = context.pos - text.length;
  if (key === "pattern" && parents.includes("rules")) return patternResult(from - quote.length, quote, text, patterns());
  const node = nodeAt(schema, schema, parents)?.properties?.[key];
  const words = node ? wordsOf(node, schema) : [];
  if (!words.length) return key === "include" ? packResult(context, text, packs) : null;
  return { from, options: words.map((label) => ({ label, type: "constant" })), validFor: /^\w*$/ };
}

function patternResult(from: number, quote: string, text: string, patterns: string[]): CompletionResult {
  const options = patterns.map((pattern): Completion => {
    const written = pattern.replace(/'/g, "''");
    return { label: quote === "'" ? `'${pattern}` : quote + pattern, displayLabel: pattern, type: "text", apply: quote === '"' ? quote + pattern.replace(/["\\]/g, "\\$&") : `'${written}` };
  });
  return { from, options, ...(text ? {} : { filter: true }) };
}

function packResult(context: CompletionContext, text: string, packs: string[]): CompletionResult {
  return { from: context.pos - text.length, options: packs.map((label) => ({ label, type: "constant" })), validFor: /^[\w.-]*$/ };
}

/** What is written behind a key. */
function ending(node: SchemaNode, root: SchemaNode): string {
  const of = resolved(node, root);
  if (of?.properties || of?.type === "object") return ":";
  return of?.type === "array" && (of.items?.$ref ?? false) ? ":" : ": ";
}

function info(node: SchemaNode): { detail?: string; info?: string } {
  return node.description ? { info: node.description } : {};
}

function lineBefore(context: CompletionContext): string {
  const line = context.state.doc.lineAt(context.pos);
  return line.text.slice(0, context.pos - line.from);
}

function wordsOf(node: SchemaNode, root: SchemaNode): string[] {
  const of = resolved(node, root) ?? node;
  const words = [...(of.enum ?? []), ...(of.anyOf ?? []).flatMap((one) => wordsOf(one, root))];
  const types = Array.isArray(of.type) ? of.type : [of.type];
  if (types.includes("boolean") && !types.includes("string")) words.push("true", "false");
  return [...new Set(words.filter((word): word is string => typeof word === "string"))];
}

/** The column of a line's first key; a dash of a list counts as a blank. */
export function indentOf(text: string): number {
  return /^\s*(?:- +)?/.exec(text)?.[0].length ?? 0;
}

/** Returns the keys above a place, outermost first. */
export function parentsOf(state: EditorState, number: number, indent: number): string[] {
  const parents: string[] = [];
  let column = indent;
  for (let n = number - 1; n >= 1 && column > 0; n--) {
    const { text } = state.doc.line(n);
    const key = /^(\s*(?:- +)?)(["']?)([^\s"'#:][^"':]*)\2:(?:\s|$)/.exec(text);
    // A list may stand in the same column as the key above it.
    const dash = /^\s*- /.test(state.doc.line(number).text) && parents.length === 0;
    if (!key) continue;
    const at = key[1]?.length ?? 0;
    if (at < column && !(dash && at === column - 1 && /- /.test(key[1] ?? ""))) {
      parents.unshift(key[3] ?? "");
      column = /- /.test(key[1] ?? "") ? at : at;
      if (/^\s*$/.test(key[1] ?? "") && at === 0) break;
    }
  }
  return parents;
}

/** Returns the keys that the map around a place has already. */
function siblings(state: EditorState, pos: number): Set<string> {
  const line = state.doc.lineAt(pos);
  const indent = indentOf(line.text);
  const names = new Set<string>();
  const look = (step: 1 | -1): void => {
    for (let n = line.number; n >= 1 && n <= state.doc.lines; n += step) {
      const { text } = state.doc.line(n);
      if (n !== line.number) {
        if (text.trim() && indentOf(text) < indent) return;
        if (step === 1 && /^\s*- /.test(text) && indentOf(text) <= indent) return;
        const key = /^\s*(?:- +)?([\w-]+):/.exec(text);
        if (key && indentOf(text) === indent) names.add(key[1] ?? "");
      }
      if (step === -1 && /^\s*- /.test(text) && indentOf(text) <= indent) return;
    }
  };
  look(-1);
  look(1);
  return names;
}

/** Returns the schema of the map at the end of *path*, or null. */
export function nodeAt(root: SchemaNode, node: SchemaNode, path: string[]): SchemaNode | null {
  let at: SchemaNode | null = resolved(node, root);
  for (const key of path) {
    const next: SchemaNode | undefined = at?.properties?.[key];
    at = next ? resolved(next, root) : null;
    if (at?.items) at = resolved(at.items, root);
  }
  return at;
}

/** Follows references, and takes the first form that has properties. */
function resolved(node: SchemaNode, root: SchemaNode): SchemaNode | null {
  if (node.$ref) return resolved(root.definitions?.[node.$ref.replace("#/definitions/", "")] ?? {}, root);
  if (node.properties || node.items || node.enum) return node;
  const forms = [...(node.anyOf ?? []), ...(node.allOf ?? []), ...(node.then ? [node.then] : [])];
  for (const form of forms) {
    const found = resolved(form, root);
    if (found?.properties || found?.items) return found;
  }
  return node;
}
