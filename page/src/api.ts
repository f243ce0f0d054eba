// What the server answers, and how it is asked.

export interface Reading { id: string; at: string; mbeans: number; values: number }

export interface State {
  version: string;
  target: string;
  recording: boolean;
  mayRefresh: boolean;
  rules: { text: string | null; file: string | null; why: string | null };
  packs: string[];
  limits: { bytes: number; seconds: number };
  reading: Reading;
}

export interface MBean { name: string; properties: [string, string][]; values: number; served: number }
export interface Domain { domain: string; mbeans: MBean[] }
export interface Tree { reading: string; domains: Domain[] }

export interface Sample { name: string; labels: Record<string, string>; type: string; value: string; rule: string | null }

export interface Line {
  mbean: string;
  attribute: string;
  path: string[];
  type: string;
  description: string | null;
  line: string;
  value: string | null;
  fate: string;
  why: string | null;
  rule: string | null;
  samples: Sample[];
}

export interface MBeanLines { name: string; className: string | null; description: string | null; lines: Line[] }
export interface Found { total: number; offset: number; lines: Line[] }
export type Wanted = "all" | "served" | "unmatched" | "dropped";

export interface Tried {
  rule: string;
  pattern: string | null;
  line: string;
  fate: string;
  why: string | null;
  matches: boolean;
  pattern_at: number | null;
  line_at: number | null;
  sure: boolean | null;
  try: string | null;
  because: string | null;
}

export interface Derived extends Line { sample: string; pattern: string | null; steps: { what: string; text: string }[] }
export interface Explained extends Line { rules: Tried[] }
export interface Explanation { what: string; series: Derived[]; lines: Explained[]; near: Tried[]; more: number }

export interface Finding {
  file: string;
  line: number | null;
  column: number | null;
  level: string;
  message: string;
  hint: string | null;
}

export interface Series {
  series: string;
  value: string;
  type: string;
  line: string | null;
  /** Of a series that is changed: what it was. */
  was?: { type: string; value: string } | null;
}
export interface Some<T> { total: number; shown: T[] }
export interface RuleCount { line: string | null; name: string | null; samples: number }

export interface Trial {
  findings: Finding[];
  valid: boolean;
  took: number;
  samples: number;
  series: { gained: Some<Series>; lost: Some<Series>; changed: Some<Series> };
  rules: RuleCount[];
  unmatched: Some<string>;
  page: { total: number; text: string };
}

export interface SchemaNode {
  $ref?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: SchemaNode[];
  allOf?: SchemaNode[];
  then?: SchemaNode;
  items?: SchemaNode;
  properties?: Record<string, SchemaNode>;
  definitions?: Record<string, SchemaNode>;
}

/** An answer that isn't what was asked for, with the server's own words. */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly body: Record<string, unknown>) {
    super(message);
  }
}

/** No answer came at all. */
export class Lost extends Error {}

const BASE = "workbench/api/";

async function ask<T>(path: string, options: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(BASE + path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Lost("The server does not answer.");
  }
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (response.ok) throw new Lost("The server's answer was cut off.");
    body = {};
  }
  if (response.ok) return body as T;
  const told = (body ?? {}) as Record<string, unknown>;
  const words = typeof told["error"] === "string" ? told["error"] : `The server answers ${response.status}.`;
  throw new Refused(response.status, words, told);
}

export function get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const text = new URLSearchParams(query).toString();
  return ask(text ? `${path}?${text}` : path, signal ? { signal } : {});
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return ask(path, signal ? { ...options, signal } : options);
}
