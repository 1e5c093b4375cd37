/** The workspace through a person's eyes. */

import { isTopLevel } from "./methods/conversations.ts";
import { seenText } from "./seen.ts";
import { type MessageState, type SlackMessage, stateOf, type Workspace } from "./workspace.ts";

/** A message as a person sees it now. */
export interface VisibleMessage {
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly authorId: string;
  readonly author: string;
  readonly fromBot: boolean;
  /** The plain text on the screen. */
  readonly text: string;
  readonly state: MessageState;
  readonly edited: boolean;
  readonly ephemeralTo: string | undefined;
  readonly files: readonly { readonly name: string; readonly content: string }[];
  readonly pings: readonly string[];
  readonly unfurl: SlackMessage["unfurl"];
}

/** A thread with its root, or the channel without replies. Ephemeral messages included. */
export function visibleMessages(workspace: Workspace, channel: string, thread?: string): VisibleMessage[] {
  return workspace.messages
    .filter((message) => message.channel === channel && !stateOf(message).deleted)
    .filter((message) =>
      thread ? message.ts === thread || message.threadTs === thread : isTopLevel(message),
    )
    .map((message) => seen(workspace, message));
}

/** Every state a message had, with the plain text of each. */
export function historyOf(workspace: Workspace, channel: string, ts: string) {
  const states = workspace.message(channel, ts)?.states ?? [];
  return states.map((state) => ({ ...state, seen: seenText(state, (id) => nameOf(workspace, id)) }));
}

/** Everything that any message of the bot would have pinged, edits included. */
export function botPings(workspace: Workspace): string[] {
  return workspace.messages
    .filter((message) => message.user === workspace.botUserId)
    .flatMap((message) => message.states.flatMap((state) => state.pings));
}

function nameOf(workspace: Workspace, id: string): string {
  return workspace.users.get(id)?.name ?? id;
}

function seen(workspace: Workspace, message: SlackMessage): VisibleMessage {
  const state = stateOf(message);
  return {
    ts: message.ts,
    threadTs: message.threadTs,
    authorId: message.user,
    author: nameOf(workspace, message.user),
    fromBot: message.botId !== undefined,
    text: seenText(state, (id) => nameOf(workspace, id)),
    state,
    edited: message.states.length > 1,
    ephemeralTo: message.ephemeralTo,
    files: message.files,
    pings: state.pings,
    unfurl: message.unfurl,
  };
}
