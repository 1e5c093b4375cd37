/** Carries out everyone's commands. Idempotent: a command that is run twice does the same once. */

import type { Access, Asker } from "../access.ts";
import type { RequestStore } from "../access-requests.ts";
import { parseConversationId, toMessageId } from "../conversation.ts";
import type { ConversationStore, Stopped } from "../conversation-store.ts";
import { ParleyError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { IncomingCommand } from "../message.ts";
import type { ReadMessage } from "../platform/platform.ts";
import { toRefusal } from "../refusal.ts";
import { words } from "../words.ts";
import type { AccessDependencies } from "./access-asked.ts";
import { runAccess } from "./access-command.ts";
import { isAccessList, runAccessAudit, runAccessUndo } from "./access-record.ts";
import { runAdmins } from "./admins-command.ts";
import { type ButtonStore, keptLine } from "./button.ts";
import { type CommandAnswer, parseLine, refusing, toPerson, toPlace } from "./command-answer.ts";
import { isCommandName, listedCommands, whoMay } from "./declarations.ts";
import { mayGive } from "./rights.ts";
import type { SettingsDependencies } from "./settings-asked.ts";
import { runSettingsCommand } from "./settings-command.ts";
import { runAudit, runUndo } from "./settings-record.ts";
import { runStatus, type StatusDependencies } from "./status-command.ts";

/** What commands need. */
export interface CommandDependencies {
  readonly conversations: ConversationStore;
  readonly turnAway: RequestStore["turnAway"];
  readonly buttons: Pick<ButtonStore, "find">;
  readonly access: (asker: Asker) => Promise<Access>;
  readonly ofSettings: SettingsDependencies;
  readonly ofAccess: AccessDependencies;
  readonly contextWindow: StatusDependencies["contextWindow"];
  /** Budget of the context, in tokens. */
  readonly contextTokens: number;
  readonly events: Pick<Events, "commandUnfit">;
  /** How a command is written on a platform: `/`, `/parley `. */
  readonly commandPrefix: (platform: string) => string;
  /** Makes the command's author readable: names and membership. */
  readonly read: (command: IncomingCommand) => Promise<ReadMessage>;
}

/**
 * Runs one command.
 * @returns the answer; undefined when none is due
 */
export async function runCommand(
  dependencies: CommandDependencies,
  given: IncomingCommand,
): Promise<CommandAnswer | undefined> {
  const command = await behindButton(dependencies, given);
  if (command === undefined) return refusing(words.staleButton);
  const met = await meet(dependencies, command);
  if (met === undefined) return undefined;
  const { asker } = met;

  // A role is a person's: whoever may speak in a chat's name tomorrow would have it.
  if (command.name === "start" && command.argument !== "" && command.author.isChat !== true) {
    const person = dependencies.ofAccess.personOf(asker);
    if (await dependencies.conversations.claimOwnership(command.argument, person, command.id))
      return toPerson(words.nowOwner);
  }
  const stranger = await turnAway(dependencies, command, met);
  return stranger === undefined ? await answer(dependencies, command, asker) : stranger.answer;
}

/** Somebody who may not use the bot, and what they are told: nothing when they were today, or are gone. */
export interface CommandOfStranger {
  readonly answer: CommandAnswer | undefined;
}

/** @returns undefined when whoever gave the command may use the bot */
export async function refuseStranger(
  dependencies: CommandDependencies,
  command: IncomingCommand,
): Promise<CommandOfStranger | undefined> {
  const met = await meet(dependencies, command);
  return met === undefined ? { answer: undefined } : await turnAway(dependencies, command, met);
}

/** Whoever gave a command, as the platform knows them now. */
interface Met {
  readonly asker: Asker;
  readonly authorName: string;
}

/** @returns undefined when they are gone */
async function meet({ read }: CommandDependencies, command: IncomingCommand): Promise<Met | undefined> {
  const found = await read(command).catch(ignoreGone);
  if (found === undefined) return undefined;
  const { platform, scope, chat } = parseConversationId(command.conversation);
  const { id: author, isChat } = command.author;
  const whence = { platform, scope, chat, place: command.place };
  const asker = { ...whence, author, membership: found.membership, ...(isChat && { isChat }) };
  return { asker, authorName: found.authorName };
}

async function turnAway(
  dependencies: CommandDependencies,
  command: IncomingCommand,
  { asker, authorName }: Met,
): Promise<CommandOfStranger | undefined> {
  const decision = await dependencies.access(asker);
  if (decision.allowed) return undefined;
  if (command.isAnyones) return { answer: undefined };
  const refusal = toRefusal(asker, decision, authorName);
  const { text } = refusal;
  // Who pressed a button waits for a word, as often as they press.
  if (command.button !== undefined) return { answer: refusing(text) };
  if (!(await dependencies.turnAway(refusal, command.id))) return { answer: undefined };
  return { answer: decision.refused === "place" ? toPlace(text) : refusing(text) };
}

/** The command that a press means; undefined when that is no longer known. */
async function behindButton(
  { buttons }: CommandDependencies,
  command: IncomingCommand,
): Promise<IncomingCommand | undefined> {
  if (command.button === undefined || command.name !== keptLine) return command;
  const line = await buttons.find(command.argument);
  const meant = line === undefined ? undefined : parseLine(line);
  return meant && { ...command, name: meant.command, argument: meant.argument };
}

/** There is nobody left to be answered: the bot was removed from there since. */
function ignoreGone(error: unknown): undefined {
  if (!(error instanceof ParleyError) || error.retry !== "never") throw error;
  return undefined;
}

async function answer(
  dependencies: CommandDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer | undefined> {
  if (!isCommandName(command.name)) return refusing(words.unknownCommand(command.name));
  // Who may not use it learns nothing of it.
  const who = whoMay(command.name);
  const { right } = dependencies.ofAccess;
  if (who !== "everyone" && !mayGive(await right(asker), who)) {
    dependencies.events.commandUnfit({ message: command.id, command: command.name });
    if (command.isAnyones) return undefined;
    return refusing(words.unknownCommand(command.name));
  }
  switch (command.name) {
    case "start":
      if (command.argument !== "" && command.author.isChat === true) return toPlace(words.ownersArePeople);
      return toPlace(words.hello(dependencies.commandPrefix(asker.platform)));
    case "help":
      return toPlace(words.help(listedCommands, dependencies.commandPrefix(asker.platform)));
    case "new":
      await dependencies.conversations.startAfresh(command.conversation, command.order);
      return toPlace(command.reach === "chat" ? words.afreshByThread : words.afresh);
    case "stop":
      return await stop(dependencies, command, asker);
    case "status":
      return await runStatus(dependencies, command, asker);
    case "retry":
      return await retry(dependencies, command, asker);
    case "model":
    case "system":
    case "params":
    case "mode":
      return await runSettingsCommand(dependencies.ofSettings, command, asker, command.name);
    case "audit":
      return isAccessList(command.argument)
        ? await runAccessAudit(dependencies.ofAccess, command, asker, command.argument)
        : await runAudit(dependencies.ofSettings, command, asker);
    case "undo":
      return isAccessList(command.argument)
        ? await runAccessUndo(dependencies.ofAccess, command, asker, command.argument)
        : await runUndo(dependencies.ofSettings, command, asker);
    case "allow":
    case "deny":
      return await runAccess(dependencies.ofAccess, command, asker, command.name);
    case "admins":
      return await runAdmins(dependencies.ofAccess, command, asker);
    default:
      return command.name satisfies never;
  }
}

/** What begins anew is its own answer. */
async function retry(
  { conversations, ofAccess }: CommandDependencies,
  { id, conversation, author, reach }: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer | undefined> {
  if (reach === "chat") return refusing(words.settings.whichThread);
  const everybodys = asker.place === "private" || (await ofAccess.right(asker)) !== "none";
  const retried = await conversations.retry({ id, conversation, author: author.id, everybodys });
  return retried === "started" ? undefined : refusing(words.notRetried[retried]);
}

/** By the button under an answer only that answer is meant, and its mark says what became of it. */
async function stop(
  { conversations, ofAccess }: CommandDependencies,
  { id, conversation, reach, author, order, button, argument }: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer | undefined> {
  const everybodys = asker.place === "private" || (await ofAccess.right(asker)) !== "none";
  const request = { conversation, reach, author: author.id, everybodys, order, command: id };
  if (button === undefined) return toWords(await conversations.stop(request));
  const only = toMessageId(parseConversationId(conversation), argument);
  const stopped = await conversations.stop({ ...request, only });
  return stopped.running ? undefined : toWords(stopped);
}

function toWords({ running, foreign, dropped }: Stopped): CommandAnswer {
  if (running) return toPlace(dropped > 0 ? words.stoppedAndDropped(dropped) : words.stopped);
  if (dropped > 0) return toPlace(words.dropped(dropped));
  return refusing(foreign ? words.notYours : words.nothingRuns);
}
