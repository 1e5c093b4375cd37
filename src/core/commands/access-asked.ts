/** What the commands about people share: who gives them, how they are read, how far they reach. */

import { type AccessEntry, type AccessForm, type AccessRules, type Asker, readEntry } from "../access.ts";
import type { RequestStore } from "../access-requests.ts";
import type { IncomingCommand } from "../message.ts";
import type { ChangeOrigin } from "../settings/settings-store.ts";
import type { AccessStore } from "../standing.ts";
import { words } from "../words.ts";
import { type CommandAnswer, refusing } from "./command-answer.ts";
import type { Right } from "./rights.ts";

/** What these commands need. */
export interface AccessDependencies {
  readonly store: AccessStore;
  readonly requests: Pick<RequestStore, "waiting">;
  /** What is configured. */
  readonly rules: AccessRules;
  /** What the asker may change; asked at every use. */
  readonly right: (asker: Asker) => Promise<Right>;
  /** The person's entry, as `ADMINS` would name them. */
  readonly personOf: (asker: Asker) => string;
}

/** One command as it is being carried out, by somebody who may. */
export interface AccessAsked {
  readonly dependencies: AccessDependencies;
  readonly command: IncomingCommand;
  readonly asker: Asker;
  readonly isOwner: boolean;
}

/** Runs `work` for owners and admins; for everybody else there is no such command. */
export async function asAdmin(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  work: (asked: AccessAsked) => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  // The right may have been taken since it was looked at.
  const right = await dependencies.right(asker);
  if (right !== "owner" && right !== "admin") return refusing(words.unknownCommand(command.name));
  return await work({ dependencies, command, asker, isOwner: right === "owner" });
}

/** How many entries of each kind are listed: an answer is one message. */
export const shownEntries = 30;

/** So far back it is looked for who has decided something. */
export const searchedChanges = 200;

/** What follows a command about people. */
export interface EntryRequest {
  /** Undefined: an entry alone. */
  readonly word: string | undefined;
  readonly entry: string;
}

/** Reads `ENTRY`, `WORD ENTRY` or `ENTRY WORD`; undefined when there is more. */
export function readRequest(argument: string, known: readonly string[]): EntryRequest | undefined {
  const parts = argument.split(/\s+/).filter((part) => part !== "");
  const word = parts.find((part) => known.includes(part.toLowerCase()));
  const [entry = "", ...more] = parts.filter((part) => part !== word);
  const isIncomplete = word !== undefined && entry === "";
  return more.length > 0 || isIncomplete ? undefined : { word: word?.toLowerCase(), entry };
}

/** An admin decides about single people, chats and their own workspace of their own platform; an owner about everything. */
export function isWithinReach({ platform, kind, id }: AccessEntry, { asker, isOwner }: AccessAsked): boolean {
  if (isOwner) return true;
  if (platform !== asker.platform || kind === "everyone") return false;
  if (kind === "members") return id === asker.scope;
  return kind === "person" ? id.startsWith(`${asker.scope}/`) : true;
}

/** True for an entry that who asks may decide about. */
export function isShown(text: string, forms: readonly AccessForm[], asked: AccessAsked): boolean {
  const entry = readEntry(text, forms);
  return "kind" in entry && isWithinReach(entry, asked);
}

/** True for an entry that names an owner: nobody takes an owner's rights by command. */
export async function isOwnersEntry(
  { dependencies: { store, rules } }: AccessAsked,
  text: string,
): Promise<boolean> {
  return rules.admins.some((entry) => entryText(entry) === text) || (await store.owners()).includes(text);
}

/** An entry as people write it. */
export function entryText({ platform, id }: { readonly platform: string; readonly id: string }): string {
  return `${platform}:${id}`;
}

/** Who decides it, where and when. */
export function originOf({ dependencies, command, asker }: AccessAsked): ChangeOrigin {
  const { id, conversation, sentAtMs } = command;
  return { id, person: dependencies.personOf(asker), conversation, atMs: sentAtMs };
}
