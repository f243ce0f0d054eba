// A list of which only the rows that are seen are drawn: 100,000 of them cost as much as 50.

const BEYOND = 8; // rows drawn above and below what is seen

/** Draws rows of one height; *draw* makes the element of the row *index*. */
export class Rows {
  private readonly sizer: HTMLElement;
  private readonly drawn = new Map<number, HTMLElement>();
  private total = 0;
  private height = 0;
  private waiting = false;
  /** The row that stays drawn wherever one scrolls to: an ARIA reference points to it. */
  private kept = -1;
  onSeen: (first: number, last: number) => void = () => undefined;

  constructor(readonly box: HTMLElement, private readonly draw: (index: number) => HTMLElement) {
    this.sizer = document.createElement("div");
    this.sizer.setAttribute("role", "none");
    this.sizer.className = "sizer";
    box.append(this.sizer);
    box.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.soon()).observe(box);
  }

  /** Shows *total* rows, all of them drawn anew; *keep* stays drawn when it is not seen. */
  show(total: number, keep: number): void {
    this.total = total;
    this.kept = keep;
    this.measure();
    this.sizer.style.height = `${total * this.height}px`;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.paint();
  }

  /** Scrolls just so far that the row *index* is seen. */
  reveal(index: number): void {
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.box.scrollTop = top + this.height - clientHeight;
  }

  /** The number of rows that fit into the box. */
  get page(): number {
    return Math.max(1, Math.floor(this.box.clientHeight / Math.max(1, this.height)) - 1);
  }

  /** The index of the row that holds *target*, or -1. */
  indexOf(target: EventTarget | null): number {
    for (const [index, row] of this.drawn) if (target instanceof Node && row.contains(target)) return index;
    return -1;
  }

  private measure(): void {
    this.height = Number.parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 26;
  }

  private soon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paint();
    });
  }

  private paint(): void {
    if (!this.height) return;
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - BEYOND);
    const seen = Math.ceil(this.box.clientHeight / this.height) + 2 * BEYOND;
    const last = Math.min(this.total, first + seen) - 1;
    for (const [index, row] of this.drawn) {
      if ((index < first || index > last) && index !== this.kept) {
        row.remove();
        this.drawn.delete(index);
      }
    }
    for (let index = first; index <= last; index++) this.place(index);
    if (this.kept >= 0 && this.kept < this.total) this.place(this.kept);
    if (this.total) this.onSeen(first, last);
  }

  private place(index: number): void {
    if (this.drawn.has(index)) return;
    const row = this.draw(index);
    row.style.top = `${index * this.height}px`;
    this.drawn.set(index, row);
    this.sizer.append(row);
  }
}
