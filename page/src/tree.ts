// The MBean tree: WAI-ARIA's tree pattern, of which only the rows that are seen are drawn.

import { count, el } from "./dom";
import { fateSign, fateWords, valueOf } from "./fates";
import { Rows } from "./rows";
import { fillNode, findMBean, noteBelow, opens, rowsOf, type Node } from "./tree-model";
import type { Line, MBeanLines } from "./api";

const TYPED_TOGETHER = 600; // milliseconds between letters that are one word

export interface TreeHooks {
  fetch: (name: string) => Promise<MBeanLines>;
  choose: (line: Line) => void;
  describe: (node: Node) => void;
}

export class TreeView {
  readonly box = el("div.tree", { role: "tree", tabindex: 0, "aria-label": "MBeans" });
  private readonly rows = new Rows(this.box, (index) => this.row(index));
  private roots: Node[] = [];
  private shown: Node[] = [];
  private readonly open = new Set<string>();
  private active = 0;
  private chosen = "";
  private typed = "";
  private typedAt = 0;

  constructor(private readonly hooks: TreeHooks) {
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
    this.box.addEventListener("focus", () => this.point());
  }

  /** Shows other MBeans; what was open stays open. */
  show(roots: Node[]): void {
    const at = this.shown[this.active]?.key;
    this.roots = roots;
    if (roots.length === 1 && roots[0]) this.open.add(roots[0].key);
    this.refresh(at);
    for (const node of this.shown.filter((one) => one.mbean && this.open.has(one.key))) void this.load(node);
  }

  /** Opens the way to an MBean and goes there. */
  goTo(name: string): void {
    const node = findMBean(this.roots, name);
    if (!node) return;
    for (let one = node.parent; one; one = one.parent) this.open.add(one.key);
    this.open.add(node.key);
    this.refresh(node.key);
    void this.load(node);
    this.rows.reveal(Math.min(this.shown.length - 1, this.active + 8));
    this.rows.reveal(this.active);
  }

  private refresh(at?: string): void {
    this.shown = rowsOf(this.roots, this.open);
    const found = at === undefined ? -1 : this.shown.findIndex((node) => node.key === at);
    this.active = found >= 0 ? found : Math.min(this.active, Math.max(0, this.shown.length - 1));
    this.rows.show(this.shown.length, this.active);
    this.point();
  }

  private point(): void {
    if (this.shown.length) this.box.setAttribute("aria-activedescendant", `node-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  private row(index: number): HTMLElement {
    const node = this.shown[index] as Node;
    const siblings = node.parent ? node.parent.children : this.roots;
    const row = el(`div.row${node.line ? ".value" : ""}`, {
      role: "treeitem",
      id: `node-${index}`,
      "aria-level": node.level,
      "aria-setsize": siblings.length,
      "aria-posinset": siblings.indexOf(node) + 1,
      "aria-expanded": opens(node) ? String(this.open.has(node.key)) : null,
      "aria-selected": String(node.key === this.chosen),
      "aria-label": spoken(node),
    });
    row.classList.toggle("active", index === this.active);
    row.style.setProperty("--level", String(node.level));
    row.append(...parts(node, this.open.has(node.key)));
    return row;
  }

  private click(event: MouseEvent): void {
    const index = this.rows.indexOf(event.target);
    const node = this.shown[index];
    if (!node) return;
    this.active = index;
    if (opens(node)) this.toggle(node, !this.open.has(node.key));
    else this.choose(node);
  }

  private choose(node: Node): void {
    this.chosen = node.key;
    this.refresh(node.key);
    if (node.line) this.hooks.choose(node.line);
    else if (node.note) void this.retry(node);
  }

  private async retry(node: Node): Promise<void> {
    if (node.parent) await this.load(node.parent);
  }

  private toggle(node: Node, open: boolean): void {
    if (open) this.open.add(node.key);
    else this.open.delete(node.key);
    this.refresh(node.key);
    if (open && node.mbean) void this.load(node);
    this.hooks.describe(node);
  }

  /** Fetches the values of an MBean that is open. */
  private async load(node: Node): Promise<void> {
    if (!node.mbean) return;
    if (!node.children.length) noteBelow(node, "reading …");
    this.refresh(this.shown[this.active]?.key);
    try {
      fillNode(node, await this.hooks.fetch(node.mbean.name));
    } catch (error) {
      noteBelow(node, `${error instanceof Error ? error.message : error} Press Enter to try again.`);
    }
    this.refresh(this.shown[this.active]?.key);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = this.shown[this.active];
    if (!node) return;
    const acts: Record<string, () => void> = {
      ArrowDown: () => this.move(this.active + 1),
      ArrowUp: () => this.move(this.active - 1),
      PageDown: () => this.move(this.active + this.rows.page),
      PageUp: () => this.move(this.active - this.rows.page),
      Home: () => this.move(0),
      End: () => this.move(this.shown.length - 1),
      ArrowRight: () => this.right(node),
      ArrowLeft: () => this.left(node),
      Enter: () => (opens(node) ? this.toggle(node, !this.open.has(node.key)) : this.choose(node)),
      " ": () => (opens(node) ? this.toggle(node, !this.open.has(node.key)) : this.choose(node)),
      "*": () => this.openSiblings(node),
    };
    const act = acts[event.key] ?? (event.key.length === 1 ? () => this.type(event.key) : null);
    if (!act) return;
    // Another key than a letter ends a word.
    if (event.key in acts) this.typed = "";
    event.preventDefault();
    act();
  }

  private move(to: number): void {
    const at = Math.max(0, Math.min(this.shown.length - 1, to));
    if (at === this.active) return;
    this.active = at;
    this.rows.show(this.shown.length, this.active);
    this.rows.reveal(this.active);
    this.point();
  }

  private right(node: Node): void {
    if (!opens(node)) return;
    if (this.open.has(node.key)) this.move(this.active + 1);
    else this.toggle(node, true);
  }

  private left(node: Node): void {
    if (opens(node) && this.open.has(node.key)) this.toggle(node, false);
    else if (node.parent) this.move(this.shown.indexOf(node.parent));
  }

  private openSiblings(node: Node): void {
    for (const one of node.parent ? node.parent.children : this.roots) if (!one.mbean && opens(one)) this.open.add(one.key);
    this.refresh(node.key);
  }

  /** Goes to the next row that begins with what was typed. */
  private type(letter: string): void {
    const now = performance.now();
    this.typed = now - this.typedAt < TYPED_TOGETHER ? this.typed + letter.toLowerCase() : letter.toLowerCase();
    this.typedAt = now;
    const from = this.typed.length > 1 ? this.active : this.active + 1;
    for (let step = 0; step < this.shown.length; step++) {
      const index = (from + step) % this.shown.length;
      const label = (this.shown[index] as Node).label.toLowerCase();
      if (label.startsWith(this.typed) || label.includes(`=${this.typed}`)) return this.move(index);
    }
  }
}

function spoken(node: Node): string {
  if (node.line) return `${node.label}: ${valueOf(node.line)}, ${fateWords(node.line)}`;
  if (node.note) return node.note;
  return `${node.label}, ${count(node.values)} values, ${count(node.served)} served`;
}

function parts(node: Node, open: boolean): HTMLElement[] {
  if (node.line) {
    const value = valueOf(node.line);
    const shown = el(`span.text${node.line.value === null ? ".dim" : ""}`, {}, value);
    return [fateSign(node.line.fate), el("span.label", {}, node.label), shown];
  }
  if (node.note) return [el("span.label.dim", {}, node.note)];
  const label = el("span.label", { title: node.mbean?.name ?? node.label }, node.label);
  const total = el("span.count", { title: "values that are served, of all" }, `${count(node.served)} / ${count(node.values)}`);
  return [el("span.twist", { "aria-hidden": "true" }, open ? "▾" : "▸"), label, total];
}
