/** The two clocks of one answer: until its first token, then from one sign of life to the next. */

/** Aborts `controller` when nothing comes in time. A reader that takes its time is not the server's silence. */
export class Watch implements Disposable {
  /** True when this clock, and nobody else, ended the answer. */
  silent = false;
  private timer: NodeJS.Timeout;
  private reading = true;
  /** The time was up while nobody was reading: it runs once more with the next read. */
  private missed = false;
  private phase: "first-token" | "idle" | "closing" = "first-token";
  private readonly controller: AbortController;

  /** @param firstTokenMs counts from now, and keep-alives do not prolong it */
  constructor(firstTokenMs: number, controller: AbortController) {
    this.controller = controller;
    this.timer = setTimeout(() => this.fire(), firstTokenMs);
  }

  /** The first token is there: from now on every byte is a sign of life. */
  begun(idleMs: number): void {
    if (this.phase === "first-token") this.restart("idle", idleMs);
  }

  /** The answer is whole; what may follow is the token count. */
  finished(closingMs: number): void {
    if (this.phase !== "closing") this.restart("closing", closingMs);
  }

  /** Waits for bytes on the clock. */
  async during<T>(read: Promise<T>): Promise<T> {
    this.reading = true;
    if (this.phase === "idle" || this.missed) this.timer.refresh();
    this.missed = false;
    try {
      return await read;
    } finally {
      this.reading = false;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private restart(phase: "idle" | "closing", ms: number): void {
    this.phase = phase;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fire(), ms);
  }

  private fire(): void {
    this.missed = !this.reading;
    if (this.missed) return;
    this.silent = true;
    this.controller.abort();
  }
}
