/** An app's home: what holds in a person's private chat and in their workspace, and what they may change of it. */

import type { Asker } from "../access.ts";
import { type ConversationId, parseConversationId, toMessageId } from "../conversation.ts";
import { ParleyError } from "../errors.ts";
import { causeOf, type Events } from "../events.ts";
import type { IncomingCommand } from "../message.ts";
import type { HomeSection } from "../platform/command-responder.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import { toRefusal } from "../refusal.ts";
import type { Timing } from "../timing.ts";
import type { TurnStore } from "../turn-store.ts";
import { words } from "../words.ts";
import type { AnswerDependencies } from "./answer.ts";
import { toButtons } from "./button.ts";
import type { CommandAnswer } from "./command-answer.ts";
import { mayChange } from "./rights.ts";
import type { CommandDependencies } from "./run.ts";
import { describeSettings } from "./settings-command.ts";
import type { SettingsCommandName } from "./settings-request.ts";

/** What showing a home needs. */
export interface HomeDependencies extends Pick<AnswerDependencies, "platform" | "responder" | "buttons"> {
  readonly store: Pick<TurnStore, "permit" | "block">;
  readonly commands: CommandDependencies;
  readonly timing: Pick<Timing, "callMs">;
  readonly events: Pick<Events, "callFailed">;
}

/** Whose home is shown, and which private chat it is about. */
export interface HomeOf {
  readonly conversation: ConversationId;
  readonly author: string;
}

const shown: readonly SettingsCommandName[] = ["model", "system", "params", "mode"];

/** A part of the home before its buttons are made. */
type Part = Pick<HomeSection, "title" | "markdown"> & { readonly choices: CommandAnswer["choices"] };

/**
 * Shows the home. Nobody waits for it but who looks at it, so a call that fails is not made again; one that has to wait is.
 * @param answer what a button of the home came to, shown first
 * @returns the ms after which to come again, 0 when done
 */
export async function showHome(
  dependencies: HomeDependencies,
  home: HomeOf,
  answer?: CommandAnswer,
): Promise<number> {
  const { responder, buttons, store, timing, events } = dependencies;
  const address = parseConversationId(home.conversation);
  const target: ReplyTarget = { address, place: "private", question: "", asker: home.author };
  const waitMs = await roomInMs(dependencies, target, answer === undefined ? "status" : "final");
  if (waitMs > 0) return waitMs;
  const parts = await describe(dependencies, home);
  if (parts === undefined) return 0;
  const first: readonly Part[] =
    answer === undefined ? [] : [{ title: words.home.news, markdown: answer.text, choices: answer.choices }];
  const sections: HomeSection[] = [];
  for (const { choices, ...part } of [...first, ...parts]) {
    const made = toButtons(choices ?? [], responder.buttonBytes);
    await buttons.keep(made.lines);
    sections.push({ ...part, buttons: made.buttons });
  }
  const signal = AbortSignal.timeout(timing.callMs);
  const shown = await responder.showHome(target, home.author, sections, signal);
  if (shown.kind === "done") return 0;
  const { platform } = address;
  const cause = causeOf(shown.cause);
  events.callFailed({ platform, method: "(home)", outcome: "not shown", cause });
  if (shown.kind !== "limited") return 0;
  await store.block(shown);
  return shown.retryAfterMs;
}

/** @returns 0 when the platform's limits leave room for a home */
async function roomInMs(
  { platform, store }: HomeDependencies,
  target: ReplyTarget,
  kind: "status" | "final",
): Promise<number> {
  const budgets = platform.limits.budgets(target, "home");
  const permit = await store.permit(undefined, { kind, budgets, shownUtf16: 0 });
  return permit.kind === "wait" ? permit.waitMs : 0;
}

/** @returns undefined where it cannot be told now who asks */
async function describe(
  { commands }: HomeDependencies,
  { conversation, author }: HomeOf,
): Promise<readonly Part[] | undefined> {
  const command = toCommand(conversation, author);
  const read = await commands.read(command).catch(ignoreKnown);
  if (read === undefined) return undefined;
  const { platform, scope, chat } = parseConversationId(conversation);
  const asker: Asker = { platform, scope, chat, author, place: "private", membership: read.membership };
  const decision = await commands.access(asker);
  if (!decision.allowed) return [{ markdown: toRefusal(asker, decision, "").text, choices: [] }];
  const right = await commands.ofAccess.right(asker);
  const described = (name: SettingsCommandName, reach: "chat" | "workspace") =>
    describeSettings(commands.ofSettings, command, asker, name, reach);
  const parts: Part[] = [
    { title: words.home.chat, markdown: words.home.about(mayChange(right, "chat")), choices: [] },
  ];
  for (const name of shown) {
    const { text, choices } = await described(name, "chat");
    parts.push({ markdown: text, choices: mayChange(right, "chat") ? choices : [] });
  }
  parts.push({
    title: words.home.workspace,
    markdown: words.home.aboutWorkspace(mayChange(right, "workspace")),
    choices: [],
  });
  for (const name of shown) {
    const { text, choices } = await described(name, "workspace");
    parts.push({ markdown: text, choices: mayChange(right, "workspace") ? choices : [] });
  }
  return parts;
}

/** Somebody looks: as if they had asked in their private chat. */
function toCommand(conversation: ConversationId, author: string): IncomingCommand {
  return {
    v: 1,
    id: toMessageId(parseConversationId(conversation), "home"),
    conversation,
    nativeId: "",
    order: 0,
    author: { id: author, name: "" },
    place: "private",
    name: "help",
    argument: "",
    reach: "conversation",
    sentAtMs: 0,
  };
}

function ignoreKnown(error: unknown): undefined {
  if (error instanceof ParleyError) return undefined;
  throw error;
}
