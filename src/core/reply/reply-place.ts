/** Leaves a reply's place when the platform says that it is gone: nothing of the reply stays there, and the next run begins at another. */

import { toConversationId } from "../conversation.ts";
import type { Elsewhere } from "../platform/call-outcome.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { TakenTurn, TurnStore } from "../turn-store.ts";
import type { PageCalls } from "./page-calls.ts";
import type { PageState } from "./page-state.ts";
import type { Shown } from "./shown.ts";

/** What leaving needs. */
export interface ReplyPlaceOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
}

/** Where one run shows its reply. */
export class ReplyPlace {
  readonly #options: ReplyPlaceOptions;
  readonly #calls: PageCalls;
  readonly #pages: readonly PageState[];
  /** Set when this run can show nothing more. */
  #left: Elsewhere | undefined;

  constructor(options: ReplyPlaceOptions, calls: PageCalls, pages: readonly PageState[]) {
    this.#options = options;
    this.#calls = calls;
    this.#pages = pages;
  }

  /** Makes `attempt` as long as the place is there; leaves it when it turns out to be gone. */
  async keep(attempt: () => Promise<Shown>): Promise<Shown> {
    if (this.#left !== undefined) return { kind: "elsewhere", place: this.#left };
    const shown = await attempt();
    return shown.kind === "elsewhere" ? await this.#leave(shown.place) : shown;
  }

  async #leave(place: Elsewhere): Promise<Shown> {
    const { store, turn } = this.#options;
    if (place.why === "moved") {
      // The turn goes along: it is the next run's, with the pages that are there.
      const { conversation, epoch } = turn.fence;
      await store.move(conversation, toConversationId(place.address), epoch);
      return { kind: "fenced" };
    }
    await this.#clear();
    if (!(await store.redirect(turn.fence, place.address))) return { kind: "fenced" };
    this.#left = place;
    return { kind: "elsewhere", place };
  }

  /** A thread that only the bot cannot reach any more still shows its pages: they would be a second answer. Best effort. */
  async #clear(): Promise<void> {
    const { platform, target } = this.#options;
    for (const { id } of this.#pages) {
      if (id === undefined) continue;
      const permit = await this.#calls.permit("final", "remove");
      if (permit.kind !== "granted") return;
      await this.#calls.make("remove", (signal) => platform.remove(target, id, signal));
    }
  }
}
