// Values that were searched for, in a list that fetches what is scrolled to.

import { counted, debounced, el, fill } from "./dom";
import { fateSign, fateWords, valueOf } from "./fates";
import { Rows } from "./rows";
import { pathOf } from "./tree-model";
import type { Found, Line, Wanted } from "./api";

export interface SearchHooks {
  find: (text: string, wanted: Wanted, offset: number, signal: AbortSignal) => Promise<Found>;
  choose: (line: Line) => void;
  /** Whether the list stands where the tree is otherwise. */
  searching: (on: boolean) => void;
  failed: (error: unknown) => void;
}

export class SearchView {
  readonly input = el("input.search", {
    type: "search", placeholder: "Search lines and series", "aria-label": "Search lines and series",
    autocomplete: "off", spellcheck: "false",
  }) as HTMLInputElement;
  readonly wanted = el("select", { "aria-label": "Which values" }) as HTMLSelectElement;
  readonly told = el("p.told", { role: "status" });
  readonly box = el("div.found", { role: "listbox", tabindex: 0, "aria-label": "Values found" });
  private readonly rows = new Rows(this.box, (index) => this.row(index));
  private lines: (Line | undefined)[] = [];
  private readonly asked = new Set<number>();
  private total = 0;
  private step = 200;
  private active = 0;
  private aborter = new AbortController();
  private readonly seen = debounced(60, () => void this.fetchSeen());
  private span: [number, number] = [0, 0];

  constructor(private readonly hooks: SearchHooks) {
    const words: [Wanted, string][] = [["all", "all values"], ["served", "served"], ["unmatched", "unmatched"], ["dropped", "dropped"]];
    fill(this.wanted, ...words.map(([value, text]) => el("option", { value }, text)));
    const soon = debounced(150, () => void this.search());
    this.input.addEventListener("input", soon);
    this.wanted.addEventListener("change", () => void this.search());
    this.input.addEventListener("keydown", (event) => this.inputKey(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.choose(this.rows.indexOf(event.target)));
    this.rows.onSeen = (first, last) => {
      this.span = [first, last];
      this.seen();
    };
  }

  get text(): string {
    return this.input.value.trim();
  }

  get on(): boolean {
    return this.text !== "" || this.wanted.value !== "all";
  }

  /** Wants nothing any more: the tree comes back. */
  clear(): void {
    this.input.value = "";
    this.wanted.value = "all";
    void this.search();
  }

  /** Searches anew; without words and with all values wanted the tree comes back. */
  async search(): Promise<void> {
    this.aborter.abort();
    this.aborter = new AbortController();
    this.asked.clear();
    this.hooks.searching(this.on);
    if (!this.on) return fill(this.told);
    await this.fetch(0, true);
  }

  private async fetch(offset: number, anew: boolean): Promise<void> {
    if (this.asked.has(offset)) return;
    this.asked.add(offset);
    const { signal } = this.aborter;
    try {
      const found = await this.hooks.find(this.text, this.wanted.value as Wanted, offset, signal);
      if (!signal.aborted) this.put(found, anew);
    } catch (error) {
      if (signal.aborted) return;
      this.asked.delete(offset);
      this.hooks.failed(error);
    }
  }

  private put(found: Found, anew: boolean): void {
    if (anew) {
      this.lines = [];
      this.active = 0;
      this.box.scrollTop = 0;
      fill(this.told, found.total ? `${counted(found.total, "value", "values")} found` : "Nothing found.");
    }
    this.total = found.total;
    this.step = Math.max(1, anew && found.lines.length < found.total ? found.lines.length : this.step);
    found.lines.forEach((line, i) => (this.lines[found.offset + i] = line));
    this.rows.show(this.total, this.active);
    this.point();
  }

  /** Fetches the parts of the list that are seen and not there. */
  private async fetchSeen(): Promise<void> {
    const [first, last] = this.span;
    for (let at = first - (first % this.step); at <= last && at < this.total; at += this.step) {
      if (!this.lines[at]) await this.fetch(at, false);
    }
  }

  private row(index: number): HTMLElement {
    const line = this.lines[index];
    const row = el("div.row.hit", {
      role: "option", id: `hit-${index}`, "aria-setsize": this.total, "aria-posinset": index + 1,
      "aria-selected": String(index === this.active),
      "aria-label": line ? `${pathOf(line)}: ${valueOf(line)}, ${fateWords(line)}, ${line.mbean}` : "reading",
    });
    row.classList.toggle("active", index === this.active);
    if (!line) return fill(row, el("span.dim", {}, "…")), row;
    const value = el(`span.text${line.value === null ? ".dim" : ""}`, {}, valueOf(line));
    const name = el("div.name", { title: line.mbean }, line.mbean);
    fill(row, el("div.first", {}, fateSign(line.fate), el("span.label", {}, pathOf(line)), value), name);
    return row;
  }

  private point(): void {
    if (this.total) this.box.setAttribute("aria-activedescendant", `hit-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  private choose(index: number): void {
    const line = this.lines[index];
    if (!line) return;
    this.move(index);
    this.hooks.choose(line);
  }

  private move(to: number): void {
    if (!this.total) return;
    this.active = Math.max(0, Math.min(this.total - 1, to));
    this.rows.show(this.total, this.active);
    this.rows.reveal(this.active);
    this.point();
  }

  private inputKey(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" && this.on) {
      event.preventDefault();
      this.box.focus();
    } else if (event.key === "Escape" && this.input.value) {
      event.preventDefault();
      this.input.value = "";
      void this.search();
    }
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowDown: 1, ArrowUp: -1, PageDown: this.rows.page, PageUp: -this.rows.page, Home: -this.total, End: this.total,
    };
    const step = steps[event.key];
    if (event.key === "ArrowUp" && this.active === 0) this.input.focus();
    else if (step !== undefined) this.move(this.active + step);
    else if (event.key === "Enter" || event.key === " ") this.choose(this.active);
    else if (event.key === "Escape") this.input.focus();
    else return;
    event.preventDefault();
  }
}

