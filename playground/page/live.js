/** Which messages are being written right now: a bot's message counts as such for a while after each change. */

/** Edits come every 1.1 s in a private chat, every 3.1 s in a group, and slower when many answers run. */
const liveMs = 5_000;

export class Liveness {
  #timers = new Map();
  #onEnd;

  /** @param {(key: unknown) => void} onEnd told when a message is no longer being written */
  constructor(onEnd) {
    this.#onEnd = onEnd;
  }

  has(key) {
    return this.#timers.has(key);
  }

  /** A message is new or has changed. One that loses its buttons or its stream is whole: nothing is left to stop. */
  changed(key, before, now) {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    if (isOpen(before) && !isOpen(now)) return;
    const end = () => {
      this.#timers.delete(key);
      this.#onEnd(key);
    };
    this.#timers.set(key, setTimeout(end, liveMs));
  }

  clear() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Telegram's messages have buttons, Slack's have them among their blocks, or are streams. */
function isOpen({ buttons = [], blocks = [], isStream = false } = {}) {
  return buttons.length > 0 || isStream || blocks.some(({ type }) => type === "actions");
}
