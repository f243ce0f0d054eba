// The workbench: MBeans on the left, rules in the middle, what becomes of them on the right.

import "./style.css";
import { Lost, Refused, get, post } from "./api";
import { Editor, lineOf } from "./editor";
import { ExplainView, shortPlace } from "./explain";
import { ResultView } from "./results";
import { SearchView } from "./search";
import { Tabs } from "./tabs";
import { TreeView } from "./tree";
import { ago, button, count, counted, debounced, el, fill } from "./dom";
import { buildTree, rowsOf, type Node } from "./tree-model";
import { withRule } from "./rulemaker";
import { skeletons } from "./skeletons";
import type { Explanation, Finding, Found, Line, MBeanLines, Reading, SchemaNode, State, Tree, Trial } from "./api";

const TYPING_PAUSE = 150; // milliseconds at most
const SHORTEST_PAUSE = 30;
const ASK_AGAIN = 3000; // milliseconds, for a server that is lost

class Workbench {
  private reading: Reading;
  private tree: Tree | null = null;
  private schema: SchemaNode | null = null;
  private patterns: string[] | null = null;
  private readonly inForce: string;
  private trying = new AbortController();
  private lost = false;
  private tried = false;
  private pause = TYPING_PAUSE;
  private readonly banner = el("div.banner", { role: "alert", hidden: true });
  private readonly age = el("span.age");
  private readonly refreshButton = button("Read the JVM again", () => void this.refresh());
  private readonly about = el("p.about", { role: "status" });
  private readonly treeView: TreeView;
  private readonly search: SearchView;
  private readonly explain: ExplainView;
  private readonly results: ResultView;
  private readonly editor: Editor;
  private readonly tabs: Tabs;
  private readonly note = el("span.note", { role: "status" });

  constructor(private readonly state: State) {
    this.reading = state.reading;
    this.inForce = state.rules.text ?? packText(state.packs);
    this.treeView = new TreeView({
      fetch: (name) => this.fresh((reading) => get<MBeanLines>("mbean", { reading, name })),
      choose: (line) => this.explainValue(line),
      describe: (node) => this.describe(node),
    });
    this.search = new SearchView({
      find: (q, wanted, offset, signal) => this.fresh((reading) => get<Found>("search", { reading, q, state: wanted, offset: String(offset) }, signal)),
      choose: (line) => this.explainValue(line),
      searching: (on) => this.searching(on),
      failed: (error) => this.failed(error),
    });
    this.explain = new ExplainView({
      explain: (what, signal) => this.fresh((reading) => post<Explanation>("explain", { reading, what, rules: this.edited }, signal)),
      goTo: (place) => this.editor.goTo(this.lineIn(place), null),
      lineIn: (place) => this.lineIn(place),
      repair: (one) => {
        const { pattern, try: now } = one;
        const line = this.lineIn(one.rule);
        if (!line || pattern === null || now === null) return null;
        return () => this.say(this.editor.replaceIn(line, pattern, now) ? "The pattern is replaced." : "The pattern stands otherwise in the text: copy it.");
      },
      makeRule: (line) => this.makeRule(line),
      showMBean: (name) => this.showMBean(name),
      failed: (error) => this.failed(error),
    });
    this.results = new ResultView({
      explain: (what) => this.explainWord(what),
      goTo: (place, column) => this.editor.goTo(this.lineIn(place), column ?? null),
    });
    this.tabs = new Tabs("Result", [["Changes", this.results.box], ["Explain", this.explain.box], ["Page", this.results.pageText]]);
    const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
    const soon = debounced(() => this.pause, () => void this.tryRules());
    this.editor = new Editor(nonce, this.inForce, () => this.known(), soon);
  }

  private known(): { schema: SchemaNode | null; packs: string[]; patterns: () => string[] } {
    return { schema: this.schema, packs: this.state.packs, patterns: () => (this.patterns ??= skeletons(this.tree)) };
  }

  /** The editor's text, or null where it is that of the rules in force. */
  private get edited(): string | null {
    const { text } = this.editor;
    return text === this.inForce ? null : text;
  }

  /** The line of a place in the editor; places in the rules in force are there, too, while nothing is edited. */
  private lineIn(place: string): number {
    const own = lineOf(place);
    const { file } = this.state.rules;
    if (own || this.edited !== null || !file || this.state.rules.text === null) return own;
    const name = file.split("/").at(-1) ?? file;
    const found = [file, name].find((one) => place.startsWith(`${one}:`));
    return found === undefined ? 0 : Number.parseInt(place.slice(found.length + 1), 10) || 0;
  }

  build(): void {
    document.body.replaceChildren(
      el("a.skip", { href: "#rules" }, "To the rules"),
      this.header(), this.banner,
      el("main", {}, this.jvmPane(), this.rulesPane(), this.resultPane()),
    );
    this.tellAge();
    window.setInterval(() => this.tellAge(), 5000);
    window.addEventListener("beforeunload", (event) => {
      if (this.edited !== null) event.preventDefault();
    });
  }

  private header(): HTMLElement {
    const { target, recording, version, mayRefresh } = this.state;
    this.refreshButton.hidden = recording || !mayRefresh;
    return el("header", {},
      el("h1", {}, "JMX Bridge ", el("span", {}, "workbench")),
      el("p.target", {}, recording ? "recording " : "", el("b", {}, target), this.age),
      el("p.right", {}, this.refreshButton, el("span.version", {}, version)));
  }

  private jvmPane(): HTMLElement {
    this.search.box.hidden = true;
    return el("section.pane.jvm", { "aria-labelledby": "jvm-title" },
      el("div.bar", {}, el("h2", { id: "jvm-title" }, "JVM"), this.search.wanted),
      el("div.bar", {}, this.search.input),
      this.search.told, this.about, this.treeView.box, this.search.box);
  }

  private rulesPane(): HTMLElement {
    const { file, why } = this.state.rules;
    const name = file ?? (this.state.packs.length ? `packs ${this.state.packs.join(", ")}` : "no rule file");
    return el("section.pane.rules", { id: "rules", "aria-labelledby": "rules-title" },
      el("div.bar", {},
        el("h2", { id: "rules-title" }, "Rules"), el("span.file", { title: name }, shortPlace(name)), this.note,
        button("Copy", () => void this.copy()), button("Download", () => this.download()),
        button("Undo all", () => this.reset(), { title: "Back to the rules in force" })),
      why ? el("p.told.warn", {}, why) : null,
      el("div.editor", {}, this.editor.view.dom),
      el("p.keys", {}, "Ctrl-Space completes, F8 goes to the next finding. Tab indents; Escape, then Tab leaves the editor. Nothing is written on the server."));
  }

  private resultPane(): HTMLElement {
    return el("section.pane.result", { "aria-labelledby": "result-title" },
      el("div.bar", {}, el("h2.hidden", { id: "result-title" }, "Result"), this.tabs.list), ...this.tabs.panels);
  }

  // -- reading ---------------------------------------------------------------------------------

  /** Loads what the page begins with. */
  async load(): Promise<void> {
    await Promise.all([this.loadTree(), this.tryRules(), this.loadSchema()]);
  }

  private async loadSchema(): Promise<void> {
    this.schema = await get<SchemaNode>("schema").catch(() => null);
  }

  private async loadTree(): Promise<void> {
    try {
      this.tree = await get<Tree>("tree");
      this.patterns = null;
      this.treeView.show(buildTree(this.tree.domains));
      const { mbeans, values } = this.reading;
      fill(this.about, `${counted(mbeans, "MBean", "MBeans")}, ${counted(values, "value", "values")}`);
    } catch (error) {
      this.failed(error);
    }
  }

  private async refresh(): Promise<void> {
    this.refreshButton.disabled = true;
    try {
      const { reading } = await post<{ reading: Reading }>("refresh", {});
      await this.takeReading(reading);
      this.say("The JVM is read again.");
    } catch (error) {
      this.failed(error);
    } finally {
      this.refreshButton.disabled = false;
    }
  }

  private async takeReading(reading: Reading): Promise<void> {
    this.reading = reading;
    this.tellAge();
    await Promise.all([this.loadTree(), this.search.search(), this.tryRules(), this.explain.repeat()]);
  }

  /** Asks with the reading's id; where another one took its place, once again with that. */
  private async fresh<T>(ask: (reading: string) => Promise<T>): Promise<T> {
    const asked = this.reading.id;
    try {
      const answer = await ask(asked);
      this.found();
      return answer;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 410) throw error;
      const { reading } = error.body as { reading?: Reading };
      if (!reading) throw error;
      if (this.reading.id === asked) {
        this.reading = reading;
        this.tellAge();
        void this.loadTree();
        this.say("The JVM was read again meanwhile.");
      }
      return ask(this.reading.id);
    }
  }

  private tellAge(): void {
    fill(this.age, ` read ${ago(this.reading.at, Date.now())}`);
    this.age.title = new Date(this.reading.at).toLocaleString();
  }

  // -- rules -----------------------------------------------------------------------------------

  private async tryRules(): Promise<void> {
    this.trying.abort();
    const { signal } = (this.trying = new AbortController());
    const rules = this.editor.text;
    document.body.classList.toggle("edited", this.edited !== null);
    const { bytes } = this.state.limits;
    if (new TextEncoder().encode(rules).length > bytes) {
      return this.refuse(`The text is larger than ${count(bytes)} bytes, and is not tried.`, []);
    }
    this.results.busy(true);
    if (!this.tried) this.results.wait();
    const begun = performance.now();
    try {
      const trial = await this.fresh((reading) => post<Trial>("try", { reading, rules }, signal));
      if (signal.aborted) return;
      // Where an answer comes fast, nobody has to wait long before it is asked for.
      this.pause = Math.max(SHORTEST_PAUSE, Math.min(TYPING_PAUSE, (performance.now() - begun) / 4));
      this.tried = true;
      this.editor.mark(trial.findings.filter((one) => one.file === "editor"));
      if (trial.valid) this.editor.tell(trial.rules);
      this.results.show(trial);
      if (trial.valid) void this.explain.repeat();
    } catch (error) {
      if (!signal.aborted) this.notTried(error, signal);
    }
  }

  private notTried(error: unknown, signal: AbortSignal): void {
    if (!(error instanceof Refused)) return this.failed(error);
    const { findings } = error.body as { findings?: Finding[] };
    if (error.status === 409) {
      window.setTimeout(() => void (signal.aborted || this.tryRules()), 2 * TYPING_PAUSE);
    } else if (error.status === 413 || error.status === 422) {
      this.refuse(error.message, findings ?? []);
    } else {
      this.results.busy(false);
      this.failed(error);
    }
  }

  private refuse(words: string, findings: Finding[]): void {
    this.editor.mark(findings);
    this.results.refuse(words, findings);
  }

  private makeRule(line: Line): void {
    const { from, to, insert, at } = withRule(this.editor.text, line);
    this.editor.put(from, to, insert, at);
    this.tabs.show(0);
    this.say("A rule is added.");
  }

  private reset(): void {
    this.editor.put(0, this.editor.text.length, this.inForce, 0);
    this.say("These are the rules in force.");
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.editor.text);
      this.say("Copied.");
    } catch {
      this.say("The browser does not allow it: select the text and copy it.");
    }
  }

  private download(): void {
    const address = URL.createObjectURL(new Blob([this.editor.text], { type: "application/yaml" }));
    const name = this.state.rules.file?.split("/").at(-1) ?? "rules.yml";
    el("a", { href: address, download: name }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
    this.say(`Downloaded as ${name}.`);
  }

  // -- showing ---------------------------------------------------------------------------------

  private explainValue(line: Line): void {
    this.tabs.show(1);
    void this.explain.value(line);
  }

  private explainWord(what: string): void {
    this.tabs.show(1);
    void this.explain.word(what);
  }

  private showMBean(name: string): void {
    this.search.clear();
    this.treeView.goTo(name);
    this.treeView.box.focus();
  }

  private searching(on: boolean): void {
    this.search.box.hidden = !on;
    this.treeView.box.hidden = on;
    this.about.hidden = on;
  }

  private describe(node: Node): void {
    const below = rowsOf(node.children, new Set()).length;
    fill(this.about, `${node.label}: ${counted(node.values, "value", "values")}, ${count(node.served)} served${node.mbean || !below ? "" : `, ${count(below)} below`}`);
  }

  private say(words: string): void {
    fill(this.note, words);
    window.setTimeout(() => this.note.textContent === words && fill(this.note), 6000);
  }

  // -- what goes wrong -------------------------------------------------------------------------

  private failed(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    this.results.busy(false);
    if (error instanceof Lost) return this.lose(error.message);
    const login = error instanceof Refused && (error.status === 401 || error.status === 403);
    const more = login ? " Open the address anew that jmx-bridge printed when it started." : "";
    this.alarm(`${error instanceof Error ? error.message : error}${more}`);
  }

  private alarm(words: string): void {
    this.banner.hidden = false;
    fill(this.banner, words, " ", button("Close", () => (this.banner.hidden = true)));
  }

  /** Says that the server does not answer, and looks for it until it does. */
  private lose(words: string): void {
    this.alarm(`${words} Your text is still here; the page asks again by itself.`);
    if (this.lost) return;
    this.lost = true;
    const look = async (): Promise<void> => {
      try {
        const { reading } = await get<State>("state");
        this.found();
        await this.takeReading(reading);
      } catch (error) {
        if (error instanceof Lost) window.setTimeout(() => void look(), ASK_AGAIN);
        else {
          this.lost = false;
          this.failed(error);
        }
      }
    };
    window.setTimeout(() => void look(), ASK_AGAIN);
  }

  private found(): void {
    if (!this.lost) return;
    this.lost = false;
    this.banner.hidden = true;
  }
}

function packText(packs: string[]): string {
  return packs.length ? `include: [${packs.join(", ")}]\n` : "rules:\n";
}

async function start(): Promise<void> {
  try {
    const workbench = new Workbench(await get<State>("state"));
    workbench.build();
    await workbench.load();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const login = error instanceof Refused && (error.status === 401 || error.status === 403);
    const more = login ? "Open the address that jmx-bridge printed when it started." : "Is the server still running?";
    document.body.replaceChildren(el("main.failed", {}, el("h1", {}, "The workbench can't begin"), el("p", {}, words), el("p", {}, more)));
  }
}

void start();
