/** What has been changed of settings, for `/audit`; the newest of it taken back, for `/undo`. */

import type { Asker } from "../access.ts";
import type { IncomingCommand } from "../message.ts";
import { isSettingName, settingOf } from "../settings/declarations.ts";
import type { ChangeRecord } from "../settings/settings-store.ts";
import { words } from "../words.ts";
import { type CommandAnswer, refusing, toPerson, toPlace } from "./command-answer.ts";
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
  const { reach, rest } = readReach(command.argument);
  if (rest !== "") return refusing(words.settings.usageOfAudit);
  return await within(asked, reach, async (scope) => {
    const records = await dependencies.settings.records(scope, shownChanges);
    return toPerson(words.settings.audit(scope.kind, records.map(asWritten)));
  });
}

/** Runs `/undo`: takes the last change of a scope back. */
export async function runUndo(
  dependencies: SettingsDependencies,
  command: IncomingCommand,
  asker: Asker,
): Promise<CommandAnswer> {
  const asked = toAsked(dependencies, command, asker);
  const { reach, rest } = readReach(command.argument);
  // Who names a setting means that one, and not whatever was changed last.
  if (rest !== "") return refusing(words.settings.usageOfUndo);
  return await within(asked, reach, async (scope) => {
    // What they may not change they do not take back either: the newest change of their own is meant.
    const except = (await mayChangeLimits(asked)) ? undefined : limit;
    const change = await dependencies.settings.undo(scope, originOf(asked), except);
    const isOthers = isWide(scope.kind) && change?.name === "systemPrompt" && command.place === "group";
    const undone = change && asWritten(change);
    return toPlace(isOthers ? words.settings.undoneElsewhere : words.settings.undone(undone));
  });
}

/** The change as whoever made it wrote it: `model offer gpt-*`, and not as it is stored. */
function asWritten(change: ChangeRecord): ChangeRecord {
  const { name } = change;
  // A later version may have kept something of its own.
  if (!isSettingName(name)) return change;
  const { command, word, schema, show } = settingOf(name);
  const written = (value: string | undefined) => {
    const read = value === undefined ? undefined : schema.safeParse(JSON.parse(value));
    return read?.success ? show(read.data) : value;
  };
  return {
    ...change,
    name: word === command ? word : `${command} ${word}`,
    from: written(change.from),
    to: written(change.to),
  };
}

/** How many changes `/audit` shows. */
const shownChanges = 10;
