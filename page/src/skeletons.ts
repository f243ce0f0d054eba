// Beginnings of patterns for the MBeans of this JVM, for the editor's completion.

import type { MBean, Tree } from "./api";

const MOST = 500;
const SPECIAL = /[\\^$.|?*+()[\]{}]/g;

/** Returns one beginning for each domain, type and set of key properties. */
export function skeletons(tree: Tree | null): string[] {
  const found = new Set<string>();
  for (const { domain, mbeans } of tree?.domains ?? []) {
    for (const mbean of mbeans) {
      if (found.size >= MOST) return [...found];
      found.add(skeleton(domain, mbean));
    }
  }
  return [...found];
}

function skeleton(domain: string, { properties }: MBean): string {
  const parts = properties.map(([key, value]) => {
    if (key === "type") return `type=${literal(value)}`;
    return `${literal(key)}=${value.startsWith('"') ? '"(.+)"' : "(.+)"}`;
  });
  return `${literal(domain)}<${parts.join(", ")}><>`;
}

function literal(text: string): string {
  return text.replace(SPECIAL, "\\$&");
}
