/** The scopes that methods demand of a bot token (docs.slack.dev/reference/methods). */

import type { SlackChannel } from "./workspace.ts";

const families: Readonly<Record<SlackChannel["kind"], string>> = {
  channel: "channels",
  group: "groups",
  im: "im",
  mpim: "mpim",
};

const fixed: Readonly<Record<string, string>> = {
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "chat.delete": "chat:write",
  "chat.postEphemeral": "chat:write",
  "chat.startStream": "chat:write",
  "chat.appendStream": "chat:write",
  "chat.stopStream": "chat:write",
  "assistant.threads.setStatus": "chat:write",
  "assistant.threads.setSuggestedPrompts": "assistant:write",
  "agents.sessions.setStatus": "chat:write",
  "users.info": "users:read",
  "bots.info": "users:read",
  "users.conversations": "channels:read",
  "conversations.open": "im:write",
  "files.info": "files:read",
  "files.getUploadURLExternal": "files:write",
  "files.completeUploadExternal": "files:write",
};

const byKind: Readonly<Record<string, string>> = {
  "conversations.replies": "history",
  "conversations.history": "history",
  "conversations.info": "read",
};

/** Everything that any method here needs, and the scopes of the events. */
export const allScopes: readonly string[] = [
  ...new Set(Object.values(fixed)),
  ...Object.values(families).flatMap((family) => [`${family}:history`, `${family}:read`]),
  "app_mentions:read",
  "assistant:write",
  "commands",
];

/** The scope that a call needs, if any; some depend on the kind of channel. */
export function neededScope(method: string, channel: SlackChannel | undefined): string | undefined {
  const suffix = byKind[method];
  return suffix && channel ? `${families[channel.kind]}:${suffix}` : fixed[method];
}
