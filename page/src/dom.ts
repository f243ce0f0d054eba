// Elements made of text nodes: no text of a JVM or of a rule file is ever read as HTML.

export type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Makes `<tag>`, or `<tag class="...">` of "tag.one.two"; attributes that are null or false are left out. */
export function el(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name ?? "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

export function fill(node: Element, ...children: Child[]): void {
  node.replaceChildren(...present(children));
}

export function button(text: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const node = el("button", { type: "button", ...attributes }, text) as HTMLButtonElement;
  node.addEventListener("click", act);
  return node;
}

export function count(n: number): string {
  return n.toLocaleString("en");
}

/** "1 series", "4 values": *one* and *many* are the words. */
export function counted(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** "just now", "2 min ago", and the like. */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 10) return "just now";
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

/** Waits until nobody called for *pause* milliseconds, then acts once. */
export function debounced(pause: number | (() => number), act: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(act, typeof pause === "number" ? pause : pause());
  };
}

function present(children: Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false);
}
