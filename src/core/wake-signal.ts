/** A loop's alarm: sleeps until a time, a ring or the end, whichever comes first. */

/** One sleeper at a time; ringing while nobody sleeps is remembered once. */
export class WakeSignal {
  #wake: (() => void) | undefined;
  #rung = false;

  /** Ends the current sleep, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** @param ms the longest sleep; omitted: until rung */
  async sleep(ms?: number): Promise<void> {
    if (!this.#rung && ms !== 0) {
      await new Promise<void>((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#rung = false;
  }
}
