/** Presses of buttons that wait for their answer, and the answers that people were shown. */

import { z } from "zod";
import { badRequest } from "./bot-api-error.ts";

/** What a press was answered by: a notice or an alert that only who pressed sees; or nothing, which ends the waiting. */
export interface PressAnswer {
  readonly query: string;
  readonly userId: number;
  /** Empty: nothing was shown. */
  readonly text: string;
  /** Shown in a window that has to be closed. */
  readonly isAlert: boolean;
}

const answerSchema = z.looseObject({
  callback_query_id: z.string(),
  text: z.string().default(""),
  show_alert: z.preprocess((value) => value === true || value === "true", z.boolean()),
});

/** The callback queries of one simulator. */
export class Presses {
  /** Every answer, oldest first. */
  readonly answers: PressAnswer[] = [];
  readonly #waiting = new Map<string, number>();
  #count = 0;

  /** Somebody pressed. @returns the query's id */
  begin(userId: number, seed: number): string {
    this.#count += 1;
    const id = String(4_000_000_000_000 + seed * 1_000 + this.#count);
    this.#waiting.set(id, userId);
    return id;
  }

  /** The server's time for all that wait is over. */
  expire(): void {
    this.#waiting.clear();
  }

  /** `answerCallbackQuery`: a query is answered once, in time [platform-facts A2, A4]. @throws BotApiError */
  answer(payload: unknown): true {
    const { callback_query_id: query, text, show_alert: isAlert } = answerSchema.parse(payload);
    if (text.length > 200) throw badRequest("MESSAGE_TOO_LONG");
    const userId = this.#waiting.get(query);
    if (userId === undefined || !this.#waiting.delete(query)) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    this.answers.push({ query, userId, text, isAlert });
    return true;
  }
}
