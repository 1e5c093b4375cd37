/** The commands that decide who may use the bot: `/allow`, `/deny`. */

import { type AccessEntry, type Asker, readEntry } from "../access.ts";
import type { IncomingCommand } from "../message.ts";
import type { Decision } from "../standing.ts";
import { words } from "../words.ts";
import {
  type AccessAsked,
  type AccessDependencies,
  asAdmin,
  entryText,
  isOwnersEntry,
  isShown,
  isWithinReach,
  originOf,
  readRequest,
  shownEntries,
} from "./access-asked.ts";
import { decisionsOn } from "./announce.ts";
import { type CommandAnswer, refusing, toPerson } from "./command-answer.ts";

/** Runs `/allow` or `/deny`. */
export async function runAccess(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  decision: Decision,
): Promise<CommandAnswer> {
  return await asAdmin(dependencies, command, asker, async (asked) => {
    const request = readRequest(command.argument, ["reset"]);
    if (request === undefined) return refusing(words.access.usage[decision]);
    if (request.entry === "") return await listDecisions(asked, decision);
    const entry = readEntry(request.entry, dependencies.rules.forms);
    if ("message" in entry) return refusing(words.access.faulty(entry));
    if (!isWithinReach(entry, asked)) return refusing(words.access.beyondReach(entryText(entry)));
    return request.word === "reset" ? await takeBack(asked, entry) : await decide(asked, entry, decision);
  });
}

/** For so many of those who wait there are buttons in the list. */
const decidedByButton = 5;

async function decide(asked: AccessAsked, entry: AccessEntry, decision: Decision): Promise<CommandAnswer> {
  const { store } = asked.dependencies;
  const text = entryText(entry);
  if (decision === "deny") {
    if (await isOwnersEntry(asked, text)) return refusing(words.access.denyOwner(text));
    const isAdmins = (await store.all("admins")).has(text);
    if (isAdmins && !asked.isOwner) return refusing(words.access.denyAdmin(text));
  } else if (await isOwnersDenial(asked, text)) return refusing(words.access.letAdminIn(text));
  const value = JSON.stringify(decision);
  const { kind } = await store.change({ list: "access", field: text, value, origin: originOf(asked) });
  return toPerson(words.access.decided(text, decision, kind === "same"));
}

async function takeBack(asked: AccessAsked, entry: AccessEntry): Promise<CommandAnswer> {
  const { store, rules } = asked.dependencies;
  const text = entryText(entry);
  if (await isOwnersDenial(asked, text)) return refusing(words.access.letAdminIn(text));
  const change = { list: "access", field: text, value: undefined, origin: originOf(asked) } as const;
  const { kind } = await store.change(change);
  const isConfigured = rules.allow.some((one) => entryText(one) === text);
  return toPerson(words.access.takenBack(text, kind === "same", isConfigured));
}

/** True for a denied admin, whose rights would be back with the denial gone: for owners alone, as denying them is. */
async function isOwnersDenial(
  { dependencies: { store }, isOwner }: AccessAsked,
  text: string,
): Promise<boolean> {
  if (isOwner || !(await store.all("admins")).has(text)) return false;
  return (await store.all("access")).get(text) === JSON.stringify("deny" satisfies Decision);
}

async function listDecisions(asked: AccessAsked, decision: Decision): Promise<CommandAnswer> {
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
