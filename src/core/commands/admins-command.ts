/** The command that says who runs the bot, and with which owners change that: `/admins`. */

import { type AccessEntry, type Asker, personKinds, readEntry } from "../access.ts";
import type { IncomingCommand } from "../message.ts";
import { placeAdminsField } from "../standing.ts";
import { words } from "../words.ts";
import {
  type AccessAsked,
  type AccessDependencies,
  asAdmin,
  entryText,
  isOwnersEntry,
  originOf,
  readRequest,
  searchedChanges,
  shownEntries,
} from "./access-asked.ts";
import { type CommandAnswer, refusing, toPerson } from "./command-answer.ts";

/** Runs `/admins`. */
export async function runAdmins(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  return await asAdmin(dependencies, command, asker, async (asked) => {
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
  });
}

async function addAdmin(asked: AccessAsked, entry: AccessEntry): Promise<CommandAnswer> {
  const text = entryText(entry);
  if (await isOwnersEntry(asked, text)) return refusing(words.access.isOwner(text));
  const change = { list: "admins", field: text, value: '"admin"', origin: originOf(asked) } as const;
  const { kind } = await asked.dependencies.store.change(change);
  return toPerson(words.access.adminAdded(text, kind === "same"));
}

async function removeAdmin(asked: AccessAsked, entry: AccessEntry): Promise<CommandAnswer> {
  const text = entryText(entry);
  if (await isOwnersEntry(asked, text)) return refusing(words.access.isOwner(text));
  const change = { list: "admins", field: text, value: undefined, origin: originOf(asked) } as const;
  const { kind } = await asked.dependencies.store.change(change);
  return toPerson(words.access.adminRemoved(text, kind === "same"));
}

async function changePlaceAdmins(asked: AccessAsked, written: string): Promise<CommandAnswer> {
  const wanted = written.toLowerCase();
  if (wanted !== "on" && wanted !== "off") return refusing(words.access.usage.admins);
  const value = wanted === "on" ? "true" : undefined;
  const origin = originOf(asked);
  await asked.dependencies.store.change({ list: "admins", field: placeAdminsField, value, origin });
  return toPerson(words.access.placeAdmins(wanted === "on"));
}

async function listAdmins({ dependencies: { store, rules } }: AccessAsked): Promise<CommandAnswer> {
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
