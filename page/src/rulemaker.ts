// A rule for one value of the JVM: anchored, with a label for each property but the type.

import { lastName } from "./tree-model";
import type { Line } from "./api";

const SPECIAL = /[\\^$.|?*+()[\]{}]/g;
const PROPERTY = /([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)/g;

interface Property { key: string; value: string }

/** Returns a rule as YAML, indented below `rules:`; it ends with a newline. */
export function ruleFor(line: Line, indent: string): string {
  const colon = line.mbean.indexOf(":");
  const domain = line.mbean.slice(0, colon);
  const properties = [...line.mbean.slice(colon + 1).matchAll(PROPERTY)].map(([, key = "", value = ""]) => ({ key, value }));
  const labels = properties.filter(({ key }) => key !== "type");
  const rows = [
    `# ${oneLine(`${line.line}${line.value === null ? "" : `: ${line.value}`}`)}`,
    `- pattern: ${quoted(patternOf(domain, properties, line))}`,
    `  name: ${nameOf(domain, properties, line)}`,
    "  type: GAUGE",
    ...(line.description && line.description !== line.attribute ? [`  help: ${quoted(oneLine(line.description))}`] : []),
    ...(labels.length ? ["  labels:", ...labels.map(({ key }, i) => `    ${labelName(key)}: '$${i + 1}'`)] : []),
  ];
  return rows.map((row) => `${indent}${row}\n`).join("");
}

function patternOf(domain: string, properties: Property[], line: Line): string {
  const parts = properties.map(({ key, value }) => {
    if (key === "type") return `${literal(key)}=${literal(value)}`;
    return value.startsWith('"') ? `${literal(key)}="([^"]*)"` : `${literal(key)}=([^,>]+)`;
  });
  const path = line.path.map(literal).join(", ");
  return `^${literal(domain)}<${parts.join(", ")}><${path}>${literal(lastName(line))}:`;
}

function nameOf(domain: string, properties: Property[], line: Line): string {
  const kind = properties.find(({ key }) => key === "type")?.value ?? "";
  const words = [domain.split(".").at(-1) ?? "", kind, ...line.path, lastName(line)].map(snake);
  return words.filter((word, i) => word && word !== words[i - 1]).join("_").replace(/^(?=\d)/, "_");
}

function labelName(key: string): string {
  return snake(key).replace(/^(?=\d)/, "_") || "_";
}

function snake(text: string): string {
  const parted = text.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2");
  return parted.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "").toLowerCase();
}

function literal(text: string): string {
  return text.replace(SPECIAL, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}

/** Without line breaks and control characters, which would end a comment. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 240);
}

/** Returns *text* with a rule put before its first one, and where that stands. */
export function withRule(text: string, line: Line): { from: number; to: number; insert: string; at: number } {
  const rules = /^rules:[ \t]*(\[\s*\])?[ \t]*(#.*)?$/m.exec(text);
  if (!rules) {
    const insert = `${text && !text.endsWith("\n") ? "\n" : ""}rules:\n${ruleFor(line, "  ")}`;
    return { from: text.length, to: text.length, insert, at: text.length + insert.indexOf("- pattern") };
  }
  const after = text.slice(rules.index + rules[0].length);
  const indent = rules[1] ? "  " : (/\n([ \t]*)- /.exec(after)?.[1] ?? "  ");
  const insert = `rules:${rules[2] ? ` ${rules[2]}` : ""}\n${ruleFor(line, indent)}`;
  const to = rules.index + rules[0].length;
  const rest = after.startsWith("\n") ? 1 : 0;
  return { from: rules.index, to: to + rest, insert, at: rules.index + insert.indexOf("- pattern") };
}
