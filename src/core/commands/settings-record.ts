/** What has been changed of settings, for `/audit`; the newest of it taken back, for `/undo`. */

import type { Asker } from "../access.ts";
import type { IncomingCommand } from "../message.ts";
import { words } from "../words.ts";
import { type CommandAnswer, toPerson, toPlace } from "./command-answer.ts";
import {
  isWide,
  limit,
  mayChangeLimits,
  originOf,
  type SettingsDependencies,
  toAsked,
  within,
} from "./settings-asked.ts";
import { readReach } from "./settings-request.ts";

/** Runs `/audit`: the newest changes of a scope, for those who may make them. */
export async function runAudit(
  dependencies: SettingsDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  const asked = toAsked(dependencies, command, asker);
  const { reach } = readReach(command.argument);
  return await within(asked, reach, async (scope) =>
    toPerson(words.settings.audit(scope.kind, await dependencies.settings.records(scope, shownChanges))),
  );
}

/** Runs `/undo`: takes the last change of a scope back. */
export async function runUndo(
  dependencies: SettingsDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  const asked = toAsked(dependencies, command, asker);
  const { reach } = readReach(command.argument);
  return await within(asked, reach, async (scope) => {
    // What they may not change they do not take back either: the newest change of their own is meant.
    const except = (await mayChangeLimits(asked)) ? undefined : limit;
    const change = await dependencies.settings.undo(scope, originOf(asked), except);
    const isOthers = isWide(scope.kind) && change?.name === "systemPrompt" && command.place === "group";
    return toPlace(isOthers ? words.settings.undoneElsewhere(change.name) : words.settings.undone(change));
  });
}

/** How many changes `/audit` shows. */
const shownChanges = 10;
