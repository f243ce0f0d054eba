// Why a value is served, or isn't: step by step, and where in pattern and line a rule stops.

import { button, el, fill, counted, type Child } from "./dom";
import { fateSign, fateWords, valueOf } from "./fates";
import type { Derived, Explained, Explanation, Line, Sample, Tried } from "./api";

const MOST_RULES = 3; // that stop at a line, before one asks for the others
const MOST_SERIES = 5; // of one value whose steps are shown

export interface ExplainHooks {
  explain: (what: string, signal: AbortSignal) => Promise<Explanation>;
  /** Goes to a place, "editor:12"; places that are not in the editor stay text. */
  goTo: (place: string) => void;
  /** The line of a place in the editor; 0 for a place elsewhere. */
  lineIn: (place: string) => number;
  /** Puts a pattern in the place of a rule's; null where that rule isn't in the editor. */
  repair: (tried: Tried) => (() => void) | null;
  makeRule: (line: Line) => void;
  showMBean: (name: string) => void;
  failed: (error: unknown) => void;
}

export class ExplainView {
  readonly box = el("section.explain");
  private readonly input = el("input", {
    type: "text", placeholder: "A metric, a series, a line or a piece of one", "aria-label": "What to explain",
    autocomplete: "off", spellcheck: "false",
  }) as HTMLInputElement;
  private readonly told = el("div.told", { role: "status" });
  private readonly body = el("div.answer");
  private aborter = new AbortController();
  private again: (() => Promise<void>) | null = null;

  constructor(private readonly hooks: ExplainHooks) {
    const form = el("form.ask", {}, this.input, el("button", { type: "submit" }, "Explain"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.input.value.trim()) void this.word(this.input.value.trim());
    });
    fill(this.body, el("p.dim", {}, "Choose a value on the left, a series, or write what is to be explained: why a metric is there, or where its rule stops."));
    this.box.append(form, this.told, this.body);
  }

  /** Explains what somebody wrote, or a series of a list. */
  async word(what: string): Promise<void> {
    this.input.value = what;
    await this.ask(async (signal) => {
      const found = await this.hooks.explain(what, signal);
      return { words: said(found), parts: this.explanation(found) };
    }, () => this.word(what));
  }

  /** Explains a value of the JVM: its line, and each series that is made of it. */
  async value(line: Line): Promise<void> {
    this.input.value = line.line;
    await this.ask(async (signal) => {
      const found = await this.hooks.explain(line.value === null ? line.line : `${line.line}: `, signal);
      const own = found.lines.find((one) => one.line === line.line && one.mbean === line.mbean);
      const told = own ?? { ...line, rules: [] };
      const series = await Promise.all(
        told.samples.slice(0, MOST_SERIES).map((one) => this.hooks.explain(seriesOf(one), signal)),
      );
      const derived = series.flatMap((one) => one.series).filter((one) => one.line === line.line && one.mbean === line.mbean);
      return { words: `${told.line}: ${fateWords(told)}`, parts: this.ofValue(told, derived) };
    }, () => this.value(line));
  }

  /** Explains the same again, where the rules or the reading changed. */
  async repeat(): Promise<void> {
    await this.again?.();
  }

  private async ask(
    answer: (signal: AbortSignal) => Promise<{ words: string; parts: Child[] }>, again: () => Promise<void>,
  ): Promise<void> {
    this.aborter.abort();
    const { signal } = (this.aborter = new AbortController());
    this.again = again;
    this.box.setAttribute("aria-busy", "true");
    try {
      const { words, parts } = await answer(signal);
      if (signal.aborted) return;
      fill(this.body, ...parts);
      fill(this.told, el("span.hidden", {}, words));
    } catch (error) {
      if (signal.aborted) return;
      fill(this.told, el("p.bad", {}, error instanceof Error ? error.message : String(error)));
      fill(this.body);
      this.hooks.failed(error);
    } finally {
      if (!signal.aborted) this.box.removeAttribute("aria-busy");
    }
  }

  private explanation(found: Explanation): Child[] {
    const near = found.near.length > 0;
    const empty = !near && !found.series.length && !found.lines.length;
    return [
      ...found.series.map((one) => this.derived(one, true)),
      ...found.lines.flatMap((one) => this.ofValue(one, [])),
      near && el("p", {}, "No metric is called ", el("code", {}, found.what), ". These rules could make one of that name:"),
      ...found.near.map((one) => this.tried(one)),
      empty && el("p", {}, "Nothing is called so, and no rule could make a metric of that name."),
      found.more > 0 && el("p.dim", {}, `And ${counted(found.more, "more", "more")}: ask for one of them.`),
    ];
  }

  private ofValue(line: Explained, derived: Derived[]): Child[] {
    const matching = line.rules.filter((one) => one.matches);
    const stopped = line.rules.filter((one) => !one.matches).sort(nearest);
    return [
      this.head(line),
      ...derived.map((one) => this.derived(one, false)),
      // Where the steps stand above, the rule that made them is told.
      matching.length > Number(derived.length > 0) && el("ul.plain", {}, ...matching.map((one, i) => this.match(one, i))),
      ...(matching.length ? [] : this.stopped(stopped)),
    ];
  }

  private head(line: Line): HTMLElement {
    return el("div.head", {},
      el("p.line", {}, el("code", {}, line.line, line.value === null ? "" : ": ", el("b", {}, line.value ?? ""))),
      el("p", {}, fateSign(line.fate), " ", fateWords(line), line.rule ? " · by " : "", line.rule ? this.place(line.rule) : ""),
      el("p.dim", {}, line.type, line.description && line.description !== line.attribute ? `. ${line.description}` : "",
        line.value === null ? `. ${valueOf(line)}` : ""),
      el("p.acts", {},
        button("Make a rule of this value", () => this.hooks.makeRule(line)),
        button("Show in the tree", () => this.hooks.showMBean(line.mbean))),
    );
  }

  private derived(one: Derived, withLine: boolean): HTMLElement {
    const steps = one.steps.map((step) => row(step.what, arrows(step.text)));
    return el("article.derived", {},
      el("h3", {}, el("code", {}, one.sample), " ", el("b.value", {}, lastValue(one))),
      el("table", {}, el("tbody", {},
        withLine && row("line", [el("code", {}, `${one.line}${one.value === null ? "" : `: ${one.value}`}`)]),
        row("rule", [one.rule ? this.place(one.rule) : "none: one of the JVM's own metrics"]),
        one.pattern !== null && row("pattern", [el("code", {}, one.pattern)]),
        ...steps)),
    );
  }

  private match(one: Tried, index: number): HTMLElement {
    return el("li", {}, this.place(one.rule), index === 0 ? " matches, and is the first" : " matches, too late",
      one.pattern ? el("code.block", {}, one.pattern) : " (no pattern: it takes all)");
  }

  private stopped(rules: Tried[]): Child[] {
    if (!rules.length) return [];
    const first = rules.slice(0, MOST_RULES).map((one) => this.tried(one));
    const others = rules.slice(MOST_RULES);
    if (!others.length) return first;
    const more = button(`Show ${counted(others.length, "rule that stops", "rules that stop")} earlier`, () => {
      more.replaceWith(...others.map((one) => this.tried(one)));
    });
    return [...first, more];
  }

  private tried(one: Tried): HTMLElement {
    const repair = this.hooks.repair(one);
    return el("article.tried", {},
      el("h3", {}, this.place(one.rule), one.matches ? ` matches; ${one.fate}${one.why ? `: ${one.why}` : ""}` : " stops here"),
      one.pattern !== null && pointed("pattern", one.pattern, one.pattern_at),
      pointed("line", one.line, one.line_at),
      one.sure === false && el("p.dim", {}, "Or behind it: look-arounds and back references can't be split."),
      one.try !== null && el("div.remedy", {},
        el("p", {}, "This would match", one.because ? ` (${one.because})` : "", ":"), el("code.block", {}, one.try),
        repair && button("Put it into the rule", repair)),
    );
  }

  private place(place: string): HTMLElement {
    const line = this.hooks.lineIn(place);
    return line
      ? button(`line ${line}`, () => this.hooks.goTo(place), { class: "link", title: "Go there" })
      : el("span", { title: place }, shortPlace(place));
  }
}

/** A text with a mark where a rule stops in it. */
function pointed(what: string, text: string, at: number | null): HTMLElement {
  // The place counts characters as Java and JavaScript do, except beyond the basic plane.
  const letters = [...text];
  if (at === null || at > letters.length) return el("div.pointed", {}, el("span.what", {}, what), el("code", {}, text));
  const [before, here, after] = [letters.slice(0, at), letters.slice(at, at + 1), letters.slice(at + 1)].map((one) => one.join(""));
  return el("div.pointed", {},
    el("span.what", {}, what),
    el("code", {},
      el("span.fits", {}, before),
      el("span.hidden", {}, " stops before "),
      el("mark", { title: "it stops here" }, here || " "),
      el("span.rest", {}, after)),
  );
}

/** A place with its file's name, without folders. */
export function shortPlace(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}

function row(what: string, parts: Child[]): HTMLElement {
  return el("tr", {}, el("th", { scope: "row" }, what), el("td", {}, ...parts));
}

function arrows(text: string): Child[] {
  return text.split(" → ").flatMap((part, i) => [i > 0 && el("span.arrow", {}, " → "), el("code", {}, part)]);
}

function lastValue(one: Derived): string {
  const own = one.samples.find((sample) => seriesOf(sample) === one.sample) ?? one.samples[0];
  return own ? `${own.value} (${own.type})` : "";
}

function nearest(a: Tried, b: Tried): number {
  const far = (one: Tried): number => (one.pattern_at ?? 0) / Math.max(1, one.pattern?.length ?? 1);
  return Number(a.try === null) - Number(b.try === null) || far(b) - far(a);
}

/** A sample as a page of metrics names it. */
export function seriesOf(sample: Sample): string {
  const escaped = (text: string): string => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
  const labels = Object.entries(sample.labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return labels.length ? `${sample.name}{${labels.join(",")}}` : sample.name;
}

function said(found: Explanation): string {
  if (found.series.length) return `${counted(found.series.length, "series", "series")} explained`;
  if (found.lines.length) return `${counted(found.lines.length, "line", "lines")} explained`;
  if (found.near.length) return `No metric is called so; ${counted(found.near.length, "rule", "rules")} could make one`;
  return "Nothing is called so.";
}
