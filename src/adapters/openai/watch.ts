/** The two clocks of one answer: until its first token, then from one sign of life to the next. */

/**
 * After the time is up, what already lies in the socket is read before the server is called silent: a process that was
 * frozen or busy finds its clock run out before it finds the bytes.
 */
const graceMs = 50;

type Phase = "first-token" | "idle" | "closing";

/** Aborts `controller` when nothing comes in time. A reader that takes its time is not the server's silence. */
export class Watch implements Disposable {
  /** True when this clock, and nobody else, ended the answer. */
  silent = false;
  private phase: Phase = "first-token";
  private ms: number;
  private timer: NodeJS.Timeout;
  /** Somebody waits for bytes; otherwise the clock stands. */
  private reading = true;
  /** Pieces that came. */
  private pieces = 0;
  private readonly controller: AbortController;

  /** @param firstTokenMs counts from now, and keep-alives do not prolong it */
  constructor(firstTokenMs: number, controller: AbortController) {
    this.controller = controller;
    this.ms = firstTokenMs;
    this.timer = setTimeout(() => this.fire(), firstTokenMs);
  }

  /** The first token is there: from now on every byte is a sign of life. */
  begun(idleMs: number): void {
    if (this.phase === "first-token") this.enter("idle", idleMs);
  }

  /** The answer is whole; what may follow is the token count. */
  finished(closingMs: number): void {
    if (this.phase !== "closing") this.enter("closing", closingMs);
  }

  /** Waits for bytes on the clock. */
  async during<T>(read: Promise<T>): Promise<T> {
    this.reading = true;
    if (this.phase === "idle") this.timer.refresh();
    try {
      return await read;
    } finally {
      this.reading = false;
      this.pieces += 1;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private enter(phase: Phase, ms: number): void {
    this.phase = phase;
    this.ms = ms;
    this.restart();
  }

  private restart(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fire(), this.ms);
  }

  private fire(): void {
    const pieces = this.pieces;
    this.timer = setTimeout(() => this.judge(pieces), graceMs);
  }

  private judge(piecesThen: number): void {
    const isAlive = this.phase === "idle" && this.pieces !== piecesThen;
    if (isAlive || !this.reading) {
      this.restart();
    } else {
      this.silent = true;
      this.controller.abort();
    }
  }
}
