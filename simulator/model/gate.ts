/** Lets a test hold all streams after the n-th token, and let them go. */

/** One gate stands before every token of every stream. */
export class Gate {
  private limit = Number.POSITIVE_INFINITY;
  private waiting: (() => void)[] = [];

  /** True while nothing is held: then answers may leave in one write. */
  get open(): boolean {
    return this.limit === Number.POSITIVE_INFINITY;
  }

  /** Streams stop once they have sent this many tokens; those that are held below it go on. */
  hold(afterTokens: number): void {
    this.limit = afterTokens;
    this.wake();
  }

  release(): void {
    this.hold(Number.POSITIVE_INFINITY);
  }

  /** Resolves when a stream that has sent `sentTokens` may send another. */
  async pass(sentTokens: number): Promise<void> {
    while (sentTokens >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }
}
