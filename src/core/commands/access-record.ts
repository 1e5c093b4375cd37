/** What was decided about people, for `/audit access` and `/audit admins`; the newest of it taken back, for `/undo`. */

import type { Asker } from "../access.ts";
import type { IncomingCommand } from "../message.ts";
import type { AccessList } from "../standing.ts";
import { words } from "../words.ts";
import { type AccessDependencies, asAdmin, isShown, originOf, searchedChanges } from "./access-asked.ts";
import { type CommandAnswer, refusing, toPerson } from "./command-answer.ts";

/** True for a word after `/audit` and `/undo` that means who may what instead of settings. */
export function isAccessList(argument: string): argument is AccessList {
  return argument === "access" || argument === "admins";
}

/** Runs `/audit access` or `/audit admins`. */
export async function runAccessAudit(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  list: AccessList,
): Promise<CommandAnswer> {
  return await asAdmin(dependencies, command, asker, async (asked) => {
    const records = await dependencies.store.records(list, searchedChanges);
    const { forms } = dependencies.rules;
    const shown = records.filter(({ name }) => list === "admins" || isShown(name, forms, asked));
    return toPerson(words.settings.audit(list, shown.slice(0, shownChanges)));
  });
}

/** Runs `/undo access` or `/undo admins`. */
export async function runAccessUndo(
  dependencies: AccessDependencies,
  command: IncomingCommand,
  asker: Asker,
  list: AccessList,
): Promise<CommandAnswer> {
  return await asAdmin(dependencies, command, asker, async (asked) => {
    // An admin's own decisions reach only so far; what the newest one is, is not known before it is taken back.
    if (!asked.isOwner) return refusing(words.settings.notAllowed("default"));
    return toPerson(words.settings.undone(await dependencies.store.undo(list, originOf(asked))));
  });
}

/** How many changes `/audit` shows. */
const shownChanges = 10;
