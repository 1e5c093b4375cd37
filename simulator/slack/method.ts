/** What a Web API method is, and what it works with. */

import type { SocketMode } from "./socket-mode.ts";
import type { Views } from "./views.ts";
import type { SlackChannel, Workspace } from "./workspace.ts";

/** What methods work with. */
export interface MethodContext {
  readonly workspace: Workspace;
  readonly socketMode: SocketMode;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** Tells the app of a new message, an edit or a deletion. */
  readonly announce: (change: "new" | "changed", channel: string, ts: string) => void;
  /** The most that `conversations.replies` gives at once. */
  readonly repliesMax: number;
  /** Forms and homes. */
  readonly views: Views;
  /** Takes a token back. */
  readonly revoke: (token: string) => void;
  /** Uploaded bytes by file id. */
  readonly uploads: Map<string, { readonly name: string; content: string | undefined }>;
}

/** A call's arguments: strings from a form, any JSON otherwise. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One Web API method. @throws SlackRefusal with Slack's error code */
export type Method = (args: Arguments, context: MethodContext) => Readonly<Record<string, unknown>>;

/** Slack's `{ok: false, error}`. */
export class SlackRefusal extends Error {
  override readonly name = "SlackRefusal";
  readonly code: string;

  constructor(code: string, options: { cause?: unknown } = {}) {
    super(`Slack refuses: ${code}`, options);
    this.code = code;
  }
}

/** An argument as text; empty when it is missing. */
export function textOf(args: Arguments, name: string): string {
  const value = args[name];
  return value === undefined || value === null ? "" : String(value);
}

/** An argument that comes as JSON text in a form. @throws SlackRefusal(`code`) when it is no JSON */
export function jsonOf(args: Arguments, name: string, code = "invalid_arguments"): unknown {
  const value = args[name];
  if (typeof value !== "string") return value;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new SlackRefusal(code, { cause });
  }
}

/** A flag, in all forms in which Slack takes one. */
export function flagOf(args: Arguments, name: string, otherwise: boolean): boolean {
  const text = textOf(args, name).toLowerCase();
  return text === "" ? otherwise : ["true", "1"].includes(text);
}

/** The channel the bot may write to. @throws SlackRefusal channel_not_found, not_in_channel, is_archived */
export function writableChannel(args: Arguments, { workspace }: MethodContext): SlackChannel {
  const channel = knownChannel(args, workspace);
  if (!channel.members.includes(workspace.botUserId)) throw new SlackRefusal("not_in_channel");
  if (channel.archived) throw new SlackRefusal("is_archived");
  return channel;
}

/** The channel named by the `channel` argument; a user id means the DM with that person. @throws SlackRefusal channel_not_found */
export function knownChannel(args: Arguments, workspace: Workspace): SlackChannel {
  const id = textOf(args, "channel");
  const found =
    workspace.channels.get(id) ??
    [...workspace.channels.values()].find((one) => one.kind === "im" && one.members.includes(id));
  if (!found) throw new SlackRefusal("channel_not_found");
  return found;
}
