// What becomes of a value, in words and as a sign whose colour is not all that tells it.

import { el } from "./dom";
import type { Line } from "./api";

const SIGNS: Record<string, [sign: string, kind: string]> = {
  served: ["●", "good"],
  dropped: ["✕", "bad"],
  emptied: ["○", "warn"],
  unmatched: ["○", "warn"],
  unreadable: ["✕", "bad"],
};

export function fateSign(fate: string): HTMLElement {
  const [sign, kind] = SIGNS[fate] ?? ["·", "dim"];
  return el(`span.sign.${kind}`, { title: fate, "aria-hidden": "true" }, sign);
}

/** The fate and its reason, in one sentence. */
export function fateWords(line: Line): string {
  return line.why ? `${line.fate}: ${line.why}` : line.fate;
}

/** The value, or words where there is none. */
export function valueOf(line: Line): string {
  return line.value ?? (line.fate === "unreadable" ? "unreadable" : "no value");
}
