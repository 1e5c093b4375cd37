/** The press of a button, or the choice of an option → a command. Pure. */

import { z } from "zod";
import { keptLine, parseButton } from "../../core/commands/button.ts";
import { type Address, parseConversationId, toConversationId, toMessageId } from "../../core/conversation.ts";
import type { IncomingCommand } from "../../core/message.ts";
import { toAddress, toMicros } from "./address.ts";
import { threadOf } from "./choice-blocks.ts";
import type { SlackPress } from "./interaction-shapes.ts";
import type { ReceiveSettings } from "./receive.ts";

/** What the app's home remembers: whose direct message it is about. */
const homeMemory = z.object({ v: z.literal(1), conversation: z.string() });

/** @returns undefined when it stands in no place that we know */
export function toPressCommand(
  press: SlackPress,
  teamId: string,
  { dm }: Pick<ReceiveSettings, "dm">,
  nowMs: number,
): IncomingCommand | undefined {
  const [action] = press.actions;
  const where = action && placeOf(press, teamId, action.block_id);
  if (action === undefined || where === undefined) return undefined;
  const { address, page, isHome } = where;
  const meant = parseButton(action.value ?? action.selected_option?.value ?? "");
  const isDirect = address.chat.startsWith("D");
  const isWhole = address.thread !== undefined || (isDirect && dm === "flat") || isHome === true;
  const { user, response_url: respondTo, container } = press;
  return {
    v: 1,
    // A trigger is given out for one press only.
    id: toMessageId(address, `press ${press.trigger_id}`),
    conversation: toConversationId(address),
    nativeId: page,
    order: action.action_ts === undefined ? nowMs * 1_000 : toMicros(action.action_ts),
    author: { id: user.id, name: user.name ?? user.username ?? "" },
    place: isDirect ? "private" : "group",
    reach: isWhole ? "conversation" : "chat",
    name: meant?.name ?? keptLine,
    argument: meant?.argument ?? "",
    button: { page, isPrivate: container.is_ephemeral, ...(isHome === undefined ? {} : { isHome }) },
    ...(respondTo === undefined ? {} : { respondTo }),
    sentAtMs: nowMs,
  };
}

interface Where {
  readonly address: Address;
  readonly page: string;
  readonly isHome?: true;
}

function placeOf(
  { container, message, view }: SlackPress,
  teamId: string,
  blockId: string,
): Where | undefined {
  if (view) {
    const address = homeAddress(view.private_metadata);
    return address?.scope === teamId ? { address, page: "", isHome: true } : undefined;
  }
  const { channel_id: channel, message_ts: page } = container;
  if (channel === undefined || page === undefined) return undefined;
  // Only a reply names its thread; the block does in any case.
  return { address: toAddress(teamId, channel, threadOf(blockId) ?? message?.thread_ts), page };
}

function homeAddress(privateMetadata: string): Address | undefined {
  try {
    return parseConversationId(homeMemory.parse(JSON.parse(privateMetadata)).conversation);
  } catch {
    return undefined;
  }
}
