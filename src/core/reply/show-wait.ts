/** Tells whoever waits long for the model so: in a post that later becomes the answer. */

import { causeOf } from "../events.ts";
import type { Run } from "../turn.ts";
import { words } from "../words.ts";

/** What came of showing it; `renewMs`: after so long it is out of date, undefined: it is not, or not shown. */
export type ShownWait =
  | { readonly kind: "done"; readonly renewMs: number | undefined }
  | { readonly kind: "fenced" };

/** True when all that is visible of the reply is how long it takes: an earlier run of `turn` has said so. */
export function showsWait({ turn }: Pick<Run, "turn">): boolean {
  return turn.pages.has(0) && turn.shownUtf16 === 0 && !turn.again;
}

/**
 * Shows "busy, about 20 s" as the reply's first page when the wait is worth a word. Nothing of an answer is visible then,
 * and the journal says so (`shown` is 0): every later run writes over it. What it says anew waits for no room: it stands
 * behind everything else that the platform is to show.
 * @returns `fenced` when a newer run has the turn; whatever else happens is not worth failing for
 */
export async function showWait(run: Run, expectedMs: number): Promise<ShownWait> {
  const { platform, target, writer, turn } = run;
  const { timing, events } = run.dependencies;
  const nothing = { kind: "done", renewMs: undefined } as const;
  // What is given again stands there until there are new words.
  const showsAnswer = turn.shownUtf16 > 0 || writer.count > 1 || turn.again;
  if (expectedMs <= timing.tellWaitMs || showsAnswer) return nothing;
  const [page] = platform.createRenderer(target.place).render(words.wait(expectedMs), "final");
  if (page === undefined) return nothing;
  writer.shownUtf16 = 0;
  try {
    const shown = await writer.show(0, page, showsWait(run) ? "status" : "preview");
    if (shown.kind === "fenced") return { kind: "fenced" };
  } catch (error) {
    events.previewFailed({ message: turn.message.id, cause: causeOf(error) });
  }
  const renewMs = Math.max(timing.renewWaitMs, expectedMs / 4);
  return { kind: "done", renewMs: expectedMs - renewMs > timing.tellWaitMs ? renewMs : undefined };
}
