/** Tells whoever waits long for the model so: in a post that later becomes the answer. */

import { causeOf } from "../events.ts";
import type { Run } from "../turn.ts";
import { words } from "../words.ts";

/**
 * Shows "busy, about 20 s" as the reply's first page when the wait is worth a word. Nothing of an answer is visible then,
 * and the journal says so (`shown` is 0): every later run writes over it.
 * @returns `fenced` when a newer run has the turn; whatever else happens is not worth failing for
 */
export async function showWait(run: Run, expectedMs: number): Promise<"done" | "fenced"> {
  const { platform, target, writer, turn } = run;
  const { timing, events } = run.dependencies;
  // What is given again stands there until there are new words.
  const showsAnswer = turn.shownUtf16 > 0 || writer.count > 1 || turn.again;
  if (expectedMs <= timing.tellWaitMs || showsAnswer) return "done";
  const [page] = platform.createRenderer(target.place).render(words.wait(expectedMs), "final");
  if (page === undefined) return "done";
  writer.shownUtf16 = 0;
  try {
    const shown = await writer.show(0, page, "preview");
    return shown.kind === "fenced" ? "fenced" : "done";
  } catch (error) {
    events.previewFailed({ message: turn.message.id, cause: causeOf(error) });
    return "done";
  }
}
