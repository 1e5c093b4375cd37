/** Where a setting holds: everywhere, in a workspace, in a chat, in one of its threads or topics. */

import { type ConversationId, parseConversationId, toChatConversation } from "../conversation.ts";

/**
 * How far a setting reaches, from the widest to the narrowest. The narrowest that is set counts.
 * `conversation` differs from `chat` only in threads and topics.
 */
const scopeKinds = ["default", "workspace", "chat", "conversation"] as const;

/** One of {@link scopeKinds}. */
export type ScopeKind = (typeof scopeKinds)[number];

/** One place where settings are kept. */
export interface SettingsScope {
  readonly kind: ScopeKind;
  /** `*` for the default, `platform:scope` for a workspace, else the conversation's id. */
  readonly id: string;
}

/** The scope of whatever is set nowhere else. */
export const defaultScope: SettingsScope = { kind: "default", id: "*" };

/**
 * The scopes that hold for a conversation, widest first. Where a platform has no workspaces, nothing is ever set in the
 * bot's own scope.
 */
export function scopesOf(conversation: ConversationId): readonly SettingsScope[] {
  const chat = toChatConversation(conversation);
  const scopes: SettingsScope[] = [
    defaultScope,
    { kind: "workspace", id: workspaceId(conversation) },
    { kind: "chat", id: chat },
  ];
  if (chat !== conversation) scopes.push({ kind: "conversation", id: conversation });
  return scopes;
}

function workspaceId(conversation: ConversationId): string {
  const { platform, scope } = parseConversationId(conversation);
  return [platform, scope].map(encodeURIComponent).join(":");
}
