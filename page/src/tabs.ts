// Tabs by WAI-ARIA's pattern: arrows go from one to the next.

import { el } from "./dom";

export class Tabs {
  readonly list: HTMLElement;
  readonly panels: HTMLElement[];
  private readonly tabs: HTMLElement[];

  constructor(label: string, parts: [title: string, content: HTMLElement][]) {
    this.tabs = parts.map(([title], i) => el("button.tab", { type: "button", role: "tab", id: `tab-${i}`, "aria-controls": `panel-${i}` }, title));
    this.panels = parts.map(([, content], i) => el("div.panel", { role: "tabpanel", id: `panel-${i}`, "aria-labelledby": `tab-${i}` }, content));
    this.list = el("div.tabs", { role: "tablist", "aria-label": label }, ...this.tabs);
    this.tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => this.show(i));
      tab.addEventListener("keydown", (event) => this.key(event, i));
    });
    this.show(0);
  }

  show(index: number): void {
    this.tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    this.panels.forEach((panel, i) => (panel.hidden = i !== index));
  }

  private key(event: KeyboardEvent, index: number): void {
    const last = this.tabs.length - 1;
    const next: Record<string, number> = {
      ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last,
    };
    const to = next[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(to);
    this.tabs[to]?.focus();
  }
}
