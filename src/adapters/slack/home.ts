/** The app's home: sections of text with their choices, published for one person. */

import type { HomeView, KnownBlock } from "@slack/types";
import { toConversationId } from "../../core/conversation.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { HomeSection } from "../../core/platform/command-responder.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { callIn } from "./call.ts";
import { toChoiceBlocks } from "./choice-blocks.ts";
import { createSlackRenderer } from "./format.ts";
import { refusedBudget } from "./limits.ts";
import { toMessageBody } from "./message-body.ts";
import type { Workspaces } from "./workspaces.ts";

/** A home takes so many blocks [api.slack.com/reference/block-kit/blocks]. */
const blocksMax = 100;
const headerUtf16 = 150;

/** Shows `person` what the home says to them. */
export async function publishHome(
  workspaces: Workspaces,
  target: ReplyTarget,
  person: string,
  sections: readonly HomeSection[],
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const context = { method: "views.publish", budget: refusedBudget(target, "home") };
  return await callIn(workspaces, target, context, signal, async ({ web }) => {
    await web.views.publish({ user_id: person, view: toHomeView(target, sections) });
  });
}

/** The direct message that the home is about stands in it: a press there names no channel. */
function toHomeView({ address }: ReplyTarget, sections: readonly HomeSection[]): HomeView {
  const blocks = sections.flatMap((section, index) => toBlocks(section, index)).slice(0, blocksMax);
  const remembered = { v: 1, conversation: toConversationId(address) };
  return { type: "home", private_metadata: JSON.stringify(remembered), blocks };
}

function toBlocks({ title, markdown, buttons }: HomeSection, index: number): readonly KnownBlock[] {
  const header: KnownBlock[] =
    title === undefined
      ? []
      : [{ type: "header", text: { type: "plain_text", text: title.slice(0, headerUtf16), emoji: false } }];
  const [page] = createSlackRenderer().render(markdown, "final");
  const text = page === undefined ? [] : (toMessageBody(page).blocks ?? []);
  // Ids are unique within a view.
  const choices = toChoiceBlocks(buttons, undefined).map((block) => ({
    ...block,
    block_id: `section ${index} ${block.block_id}`,
  }));
  return [...header, ...text, ...choices];
}
