/** `/status`: what answers here and why so, what goes on, and what became of the message that it is given in answer to. */

import type { Asker } from "../access.ts";
import type { ChatApi } from "../chat-api.ts";
import { contextBudget } from "../context.ts";
import type { ConversationStore, Look } from "../conversation-store.ts";
import type { IncomingCommand } from "../message.ts";
import { isSettingName, settingOf } from "../settings/declarations.ts";
import { effectiveSettings } from "../settings/effective.ts";
import { scopesOf } from "../settings/scopes.ts";
import { countTokens } from "../tokens.ts";
import { words } from "../words.ts";
import { type CommandAnswer, toPlace } from "./command-answer.ts";
import type { SettingsDependencies } from "./settings-asked.ts";
import { showSettings } from "./show-settings.ts";

/** What `/status` needs. */
export interface StatusDependencies {
  readonly conversations: Pick<ConversationStore, "look">;
  readonly ofSettings: Pick<SettingsDependencies, "settings" | "configured">;
  readonly contextWindow: ChatApi["contextWindow"];
  /** Budget of the context, in tokens. */
  readonly contextTokens: number;
}

/** So long what became of a message is remembered, in ms: a little less than its mark. */
const rememberedMs = 24 * 3_600_000;

/** Runs `/status`. Everybody may look. */
export async function runStatus(
  { conversations, ofSettings, contextWindow, contextTokens }: StatusDependencies,
  { conversation, about, author, sentAtMs, reach }: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  const layers = await ofSettings.settings.read(scopesOf(conversation));
  const effective = effectiveSettings(ofSettings.configured(asker.platform), layers);
  const { model = "", systemPrompt = "" } = effective.values;
  const budgetTokens = contextBudget(contextTokens, contextWindow(model));
  const promptTokens = countTokens(systemPrompt);
  const room = Math.max(0, budgetTokens - promptTokens);
  const look = await conversations.look({ conversation, about: about?.id, budgetTokens: room });
  const set = [...effective.sources].filter(([name]) => name !== "model" && isSettingName(name));
  const lines = [
    showSettings(effective, ["model"]),
    ...set.map(([name, { kind }]) => words.status.set(settingOf(name).word, words.settings.scope(kind))),
    // A whole channel has no context of its own: its threads have.
    ...(reach === "chat" ? [] : [words.status.context(look.historyTokens + promptTokens, budgetTokens)]),
    ...(reach === "chat" ? [] : [words.status.now(nowOf(look, author.id), look.waiting)]),
  ];
  const fate = about === undefined ? [] : [fateOf(about, look, sentAtMs)];
  return toPlace([...fate, lines.join("\n")].join("\n\n"));
}

function nowOf({ runningFor }: Look, asker: string): "idle" | "yours" | "others" {
  if (runningFor === undefined) return "idle";
  return runningFor === asker ? "yours" : "others";
}

function fateOf(about: NonNullable<IncomingCommand["about"]>, look: Look, nowMs: number): string {
  const { fates } = words.status;
  if (about.own) return fates.own;
  const fate = look.about ?? { kind: "unknown" };
  switch (fate.kind) {
    case "waiting":
      return fates.waiting(fate.place);
    case "ended":
      return fates[fate.fate];
    case "unknown":
      return nowMs - about.sentAtMs > rememberedMs ? fates.tooOld : fates.notAddressed;
    default:
      return fates[fate.kind];
  }
}
