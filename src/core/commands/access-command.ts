/** The commands that decide who may use the bot and who runs it: `/allow`, `/deny`, `/admins`. */

import {
  type AccessEntry,
  type AccessForm,
  type AccessRules,
  type Asker,
  personKinds,
  readEntry,
} from "../access.ts";
import type { RequestStore } from "../access-requests.ts";
import type { IncomingCommand } from "../message.ts";
import type { ChangeOrigin } from "../settings/settings-store.ts";
import { type AccessList, type AccessStore, type Decision, placeAdminsField } from "../standing.ts";
import { words } from "../words.ts";
import { decisionsOn } from "./announce.ts";
import { type CommandAnswer, refusing, toPerson } from "./command-answer.ts";
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
interface Asked {
  readonly dependencies: AccessDependencies;
  readonly command: IncomingCommand;
  readonly asker: Asker;
  readonly isOwner: boolean;
}

/** Runs `/allow` or `/deny`. who may not is told as of an unknown command */
export async function runAccess(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  decision: Decision,
): Promise<CommandAnswer> {
  const asked = await toAsked(dependencies, command, asker);
  if (asked === undefined) return unknown(command);
  const request = readRequest(command.argument, ["reset"]);
  if (request === undefined) return refusing(words.access.usage[decision]);
  if (request.entry === "") return await listDecisions(asked, decision);
  const entry = readEntry(request.entry, dependencies.rules.forms);
  if ("message" in entry) return refusing(words.access.faulty(entry));
  if (!isWithinReach(entry, asked)) return refusing(words.access.beyondReach(entryText(entry)));
  return request.word === "reset" ? await takeBack(asked, entry) : await decide(asked, entry, decision);
}

/** Runs `/admins`. who may not is told as of an unknown command */
export async function runAdmins(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  const asked = await toAsked(dependencies, command, asker);
  if (asked === undefined) return unknown(command);
  const request = readRequest(command.argument, ["add", "remove", "local"]);
  if (request === undefined) return refusing(words.access.usage.admins);
  if (request.word === undefined) {
    return request.entry === "" ? await listAdmins(asked) : refusing(words.access.usage.admins);
  }
  if (!asked.isOwner) return refusing(words.settings.notAllowed("default"));
  if (request.word === "local") return await changePlaceAdmins(asked, request.entry);
  const entry = readEntry(request.entry, dependencies.rules.forms, personKinds);
  if ("message" in entry) return refusing(words.access.faulty(entry));
  return request.word === "add" ? await addAdmin(asked, entry) : await removeAdmin(asked, entry);
}

/** True for a word after `/audit` and `/undo` that means who may what instead of settings. */
export function isAccessList(argument: string): argument is AccessList {
  return argument === "access" || argument === "admins";
}

/** Runs `/audit access` or `/audit admins` */
export async function runAccessAudit(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  list: AccessList,
): Promise<CommandAnswer> {
  const asked = await toAsked(dependencies, command, asker);
  if (asked === undefined) return unknown(command);
  const records = await dependencies.store.records(list, searchedChanges);
  const { forms } = dependencies.rules;
  const shown = records.filter(({ name }) => list === "admins" || isShown(name, forms, asked));
  return toPerson(words.settings.audit(list, shown.slice(0, shownChanges)));
}

/** Runs `/undo access` or `/undo admins` */
export async function runAccessUndo(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  list: AccessList,
): Promise<CommandAnswer> {
  const asked = await toAsked(dependencies, command, asker);
  if (asked === undefined) return unknown(command);
  // An admin's own decisions reach only so far; what the newest one is, is not known before it is taken back.
  if (!asked.isOwner) return refusing(words.settings.notAllowed("default"));
  return toPerson(words.settings.undone(await dependencies.store.undo(list, originOf(asked))));
}

/** How many changes `/audit` shows. */
const shownChanges = 10;

/** How many entries of each kind are listed: an answer is one message. */
const shownEntries = 30;

/** The right may have been taken since it was looked at. */
function unknown({ name }: IncomingCommand): CommandAnswer {
  return refusing(words.unknownCommand(name));
}

/** For so many of those who wait there are buttons in the list. */
const decidedByButton = 5;

async function toAsked(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<Asked | undefined> {
  const right = await dependencies.right(asker);
  if (right !== "owner" && right !== "admin") return undefined;
  return { dependencies, command, asker, isOwner: right === "owner" };
}

interface AccessRequest {
  /** Undefined: an entry alone. */
  readonly word: string | undefined;
  readonly entry: string;
}

/** Reads `ENTRY`, `WORD ENTRY` or `ENTRY WORD`; undefined when there is more. */
function readRequest(argument: string, known: readonly string[]): AccessRequest | undefined {
  const parts = argument.split(/\s+/).filter((part) => part !== "");
  const word = parts.find((part) => known.includes(part.toLowerCase()));
  const [entry = "", ...more] = parts.filter((part) => part !== word);
  const isIncomplete = word !== undefined && entry === "";
  return more.length > 0 || isIncomplete ? undefined : { word: word?.toLowerCase(), entry };
}

/** An admin decides about single people, chats and their own workspace of their own platform; an owner about everything. */
function isWithinReach({ platform, kind, id }: AccessEntry, { asker, isOwner }: Asked): boolean {
  if (isOwner) return true;
  if (platform !== asker.platform || kind === "everyone") return false;
  if (kind === "members") return id === asker.scope;
  return kind === "person" ? id.startsWith(`${asker.scope}/`) : true;
}

async function decide(asked: Asked, entry: AccessEntry, decision: Decision): Promise<CommandAnswer> {
  const { store } = asked.dependencies;
  const text = entryText(entry);
  if (decision === "deny") {
    if (await isOwnersEntry(asked, text)) return refusing(words.access.denyOwner(text));
    const isAdmins = (await store.all("admins")).has(text);
    if (isAdmins && !asked.isOwner) return refusing(words.access.denyAdmin(text));
  }
  const value = JSON.stringify(decision);
  const { kind } = await store.change({ list: "access", field: text, value, origin: originOf(asked) });
  return toPerson(words.access.decided(text, decision, kind === "same"));
}

async function takeBack(asked: Asked, entry: AccessEntry): Promise<CommandAnswer> {
  const { store, rules } = asked.dependencies;
  const text = entryText(entry);
  const change = { list: "access", field: text, value: undefined, origin: originOf(asked) } as const;
  const { kind } = await store.change(change);
  const isConfigured = rules.allow.some((one) => entryText(one) === text);
  return toPerson(words.access.takenBack(text, kind === "same", isConfigured));
}

async function listDecisions(asked: Asked, decision: Decision): Promise<CommandAnswer> {
  const { store, requests, rules } = asked.dependencies;
  const decided = [...(await store.all("access"))].filter(([text]) => isShown(text, rules.forms, asked));
  const withDecision = (wanted: Decision) =>
    decided.filter(([, value]) => value === JSON.stringify(wanted)).map(([text]) => text);
  const waiting = (await requests.waiting()).filter(({ entry }) => isShown(entry, rules.forms, asked));
  const text = words.access.decisions({
    waiting,
    allowed: withDecision("allow").toSorted(),
    denied: withDecision("deny").toSorted(),
    shown: shownEntries,
    usage: words.access.usage[decision],
  });
  return toPerson(
    text,
    waiting.slice(0, decidedByButton).map(({ entry }) => decisionsOn(entry, true)),
  );
}

function isShown(text: string, forms: readonly AccessForm[], asked: Asked): boolean {
  const entry = readEntry(text, forms);
  return "kind" in entry && isWithinReach(entry, asked);
}

async function addAdmin(asked: Asked, entry: AccessEntry): Promise<CommandAnswer> {
  const text = entryText(entry);
  if (await isOwnersEntry(asked, text)) return refusing(words.access.isOwner(text));
  const change = { list: "admins", field: text, value: '"admin"', origin: originOf(asked) } as const;
  const { kind } = await asked.dependencies.store.change(change);
  return toPerson(words.access.adminAdded(text, kind === "same"));
}

async function removeAdmin(asked: Asked, entry: AccessEntry): Promise<CommandAnswer> {
  const text = entryText(entry);
  if (await isOwnersEntry(asked, text)) return refusing(words.access.isOwner(text));
  const change = { list: "admins", field: text, value: undefined, origin: originOf(asked) } as const;
  const { kind } = await asked.dependencies.store.change(change);
  return toPerson(words.access.adminRemoved(text, kind === "same"));
}

async function changePlaceAdmins(asked: Asked, written: string): Promise<CommandAnswer> {
  const wanted = written.toLowerCase();
  if (wanted !== "on" && wanted !== "off") return refusing(words.access.usage.admins);
  const value = wanted === "on" ? "true" : undefined;
  const origin = originOf(asked);
  await asked.dependencies.store.change({ list: "admins", field: placeAdminsField, value, origin });
  return toPerson(words.access.placeAdmins(wanted === "on"));
}

async function listAdmins({ dependencies: { store, rules } }: Asked): Promise<CommandAnswer> {
  const [stored, owners, records] = await Promise.all([
    store.all("admins"),
    store.owners(),
    store.records("admins", searchedChanges),
  ]);
  const added = [...stored.keys()].filter((field) => field !== placeAdminsField).toSorted();
  const text = words.access.admins({
    configured: rules.admins.map(entryText),
    byCode: owners.toSorted(),
    added: added.map((text) => ({ text, by: records.find(({ name, to }) => name === text && to)?.person })),
    shown: shownEntries,
    trustsPlaceAdmins: stored.has(placeAdminsField),
    usage: words.access.usage.admins,
  });
  return toPerson(text);
}

/** So far back it is looked for who has added an admin. */
const searchedChanges = 200;

/** True for an entry that names an owner: nobody takes an owner's rights by command. */
async function isOwnersEntry({ dependencies: { store, rules } }: Asked, text: string): Promise<boolean> {
  return rules.admins.some((entry) => entryText(entry) === text) || (await store.owners()).includes(text);
}

function entryText({ platform, id }: { readonly platform: string; readonly id: string }): string {
  return `${platform}:${id}`;
}

function originOf({ dependencies, command, asker }: Asked): ChangeOrigin {
  const { id, conversation, sentAtMs } = command;
  return { id, person: dependencies.personOf(asker), conversation, atMs: sentAtMs };
}
