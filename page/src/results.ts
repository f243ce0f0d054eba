// What the editor's rules make of this JVM now, beside what the rules in force make of it.

import { button, el, fill, count, counted, type Child } from "./dom";
import { shortPlace } from "./explain";
import type { Finding, RuleCount, Series, Some, Trial } from "./api";

export interface ResultHooks {
  explain: (what: string) => void;
  goTo: (place: string, column?: number | null) => void;
}

export class ResultView {
  readonly box = el("section.changes");
  readonly pageText = el("pre.page", { tabindex: 0, "aria-label": "The page of metrics" });
  private readonly told = el("div.told", { role: "status" });
  private readonly body = el("div.answer");
  private readonly open = new Map<string, boolean>();

  constructor(private readonly hooks: ResultHooks) {
    this.box.append(this.told, this.body);
  }

  busy(on: boolean): void {
    this.box.setAttribute("aria-busy", String(on));
  }

  /** Says that the first answer is still to come. */
  wait(): void {
    fill(this.told, el("p.dim", {}, "Trying the rules …"));
  }

  /** Shows a trial of the editor's text. */
  show(trial: Trial): void {
    this.busy(false);
    fill(this.told, ...summary(trial));
    if (!trial.valid) {
      this.box.classList.add("stale");
      const before = this.body.querySelector(".findings");
      if (before) before.replaceWith(this.findings(trial.findings));
      else this.body.prepend(this.findings(trial.findings));
      return;
    }
    this.box.classList.remove("stale");
    const { gained, lost, changed } = trial.series;
    fill(this.body,
      this.findings(trial.findings),
      this.list("Gained", "+", "good", gained),
      this.list("Lost", "−", "bad", lost),
      this.list("Changed", "~", "warn", changed),
      this.rules(trial.rules),
      this.unmatched(trial.unmatched));
    fill(this.pageText, trial.page.text,
      trial.page.total > trial.page.text.length ? `\n… ${count(trial.page.total)} characters in all` : "");
  }

  /** Says why the text was not tried. */
  refuse(words: string, findings: Finding[]): void {
    this.busy(false);
    this.box.classList.add("stale");
    fill(this.told, el("p.bad", {}, words));
    this.body.querySelector(".findings")?.replaceWith(this.findings(findings));
  }

  private findings(findings: Finding[]): HTMLElement {
    const rows = findings.map((one) => el("li", {},
      el(`span.level.${one.level === "error" ? "bad" : "warn"}`, {}, one.level), " ",
      this.place(one.file === "editor" && one.line !== null ? `editor:${one.line}` : one.file, one.column),
      " ", one.message, one.hint ? el("span.hint", {}, one.hint) : null));
    return el("ul.plain.findings", {}, ...rows);
  }

  private place(place: string, column: number | null = null): HTMLElement {
    const text = place.replace("editor:", "line ");
    return place.startsWith("editor:") ? button(text, () => this.hooks.goTo(place, column), { class: "link" }) : el("span.dim", { title: place }, shortPlace(place));
  }

  private list(title: string, sign: string, kind: string, some: Some<Series>): HTMLElement {
    const rows = some.shown.map((one) => el("li", {},
      el(`span.sign.${kind}`, { "aria-hidden": "true" }, sign),
      button(one.series, () => this.hooks.explain(one.series), { class: "link series", title: "Explain it" }),
      el("span.number", {}, numbers(one)),
      one.line ? this.place(one.line) : null));
    return this.group(title, some.total, rows, kind, some.total > 0);
  }

  private unmatched(some: Some<string>): HTMLElement {
    const rows = some.shown.map((line) => el("li", {}, button(line, () => this.hooks.explain(line), { class: "link series", title: "Explain it" })));
    return this.group("Unmatched lines", some.total, rows, "dim", false);
  }

  private rules(rules: RuleCount[]): HTMLElement {
    const rows = rules.map((one) => el(`li${one.samples ? "" : ".none"}`, {},
      this.place(one.line ?? ""), el("code", {}, one.name ?? "(default name)"),
      el(`span.number${one.samples ? "" : ".warn"}`, {}, one.samples ? count(one.samples) : "none")));
    const idle = rules.filter((one) => !one.samples).length;
    return this.group(idle ? `Rules, ${count(idle)} of them without samples` : "Rules and their samples", rules.length, rows, "dim", false);
  }

  /** A list that folds; how it was left is kept. */
  private group(title: string, total: number, rows: HTMLElement[], kind: string, unfold: boolean): HTMLElement {
    const name = title.split(",")[0] ?? title;
    const open = rows.length > 0 && (this.open.get(name) ?? unfold);
    const node = el("details.group", { open },
      el("summary", {}, el("span.title", {}, title), " ", el(`span.total.${total ? kind : "dim"}`, {}, count(total))),
      el("ul.plain.list", {}, ...rows),
      total > rows.length ? el("p.dim", {}, `${count(rows.length)} of ${count(total)} are shown.`) : null);
    node.querySelector("summary")?.addEventListener("click", () => this.open.set(name, !node.hasAttribute("open")));
    return node;
  }
}

/** The value, or what of value and type is changed. */
function numbers(one: Series): string {
  if (!one.was) return one.value;
  const type = one.was.type === one.type ? "" : `${one.was.type} → ${one.type}`;
  const value = one.was.value === one.value ? "" : `${one.was.value} → ${one.value}`;
  return [type, value].filter(Boolean).join(", ");
}

function summary(trial: Trial): Child[] {
  const errors = trial.findings.filter((one) => one.level === "error").length;
  const warnings = trial.findings.length - errors;
  const lints = warnings ? `, ${counted(warnings, "warning", "warnings")}` : "";
  if (!trial.valid) return [el("p.bad", {}, `${counted(errors, "error", "errors")}${lints}: what is shown is of the last text without errors.`)];
  const { gained, lost, changed } = trial.series;
  const same = !gained.total && !lost.total && !changed.total;
  const difference = same ? "the same series as the rules in force"
    : `${count(gained.total)} gained, ${count(lost.total)} lost, ${count(changed.total)} changed`;
  return [el("p", {}, el("b", {}, counted(trial.samples, "sample", "samples")), `: ${difference}; ${counted(trial.unmatched.total, "value", "values")} unmatched${lints}`,
    el("span.dim", {}, ` · ${Math.max(1, Math.round(trial.took * 1000)).toLocaleString("en")} ms`))];
}
