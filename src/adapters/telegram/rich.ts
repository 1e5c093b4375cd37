/** Which answers go out as rich messages: all where they are wanted, until Telegram refuses one or does not know them. */

import type { InputRichMessageWithoutUpload } from "grammy/types";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { Page } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { TelegramError } from "./errors.ts";
import { bodyOf } from "./page-body.ts";

/** So many answers are remembered that Telegram did not take: those of the last minutes. */
const remembered = 1_000;

/** The choice between the two forms of a page. It forgets nothing that matters: a refusal is met once more at worst. */
export class RichMessages {
  #wanted: boolean;
  readonly #refused = new Set<string>();

  constructor(wanted: boolean) {
    this.#wanted = wanted;
  }

  /** The page as a rich message; undefined when it is to go out in the classic form. */
  formOf(page: Page, target: ReplyTarget): InputRichMessageWithoutUpload | undefined {
    if (!this.#wanted || this.#refused.has(keyOf(target))) return undefined;
    const blocks = bodyOf(page)?.rich;
    // Nothing is looked for in the text: an address found would be fetched for a preview, a name found would be called.
    return blocks && { blocks: [...blocks], skip_entity_detection: true };
  }

  /**
   * What came of a call that showed a rich message. A refusal of the form is remembered and is as if nothing had been
   * called: at the next try the same page goes out in the classic form.
   */
  settled<T>(outcome: CallOutcome<T>, target: ReplyTarget): CallOutcome<T> {
    const { kind } = outcome;
    if (kind === "broken" && outcome.cause instanceof TelegramError && outcome.cause.code === 404) {
      this.#wanted = false;
      const what =
        "Telegram's server knows no rich messages: answers go out in the classic form from now on.";
      return { kind: "unapplied", cause: new TelegramError(what, "backoff", 404) };
    }
    if (kind !== "unformattable") return outcome;
    this.#remember(keyOf(target));
    const what = `${outcome.cause.message} This answer goes out in the classic form.`;
    return { kind: "unapplied", cause: new TelegramError(what, "backoff", 400) };
  }

  #remember(key: string): void {
    this.#refused.add(key);
    for (const oldest of this.#refused) {
      if (this.#refused.size <= remembered) return;
      this.#refused.delete(oldest);
    }
  }
}

function keyOf({ address, question }: ReplyTarget): string {
  return `${address.chat} ${question}`;
}
