/** The commands that show and change settings: `/model`, `/system`, `/params`, `/mode`. */

import type { Asker } from "../access.ts";
import { parseConversationId } from "../conversation.ts";
import type { IncomingCommand, IncomingFile } from "../message.ts";
import {
  type SettingName,
  settingOf,
  settingsOfCommand,
  systemPromptBytes,
} from "../settings/declarations.ts";
import type { EffectiveSettings } from "../settings/effective.ts";
import type { ScopeKind, SettingsScope } from "../settings/scopes.ts";
import { words } from "../words.ts";
import { type CommandAnswer, refusing, toPerson, toPlace } from "./command-answer.ts";
import {
  type Asked,
  isWide,
  limit,
  mayChangeLimits,
  originOf,
  read,
  type SettingsDependencies,
  toAsked,
  within,
} from "./settings-asked.ts";
import {
  backChoice,
  detailChoices,
  type ModelPage,
  modelChoices,
  overviewChoices,
  pageOf,
} from "./settings-choices.ts";
import {
  readReach,
  readSettingsRequest,
  readTextRequest,
  type SettingsCommandName,
  type SettingsRequest,
  writeReach,
} from "./settings-request.ts";
import { hasOthersPrompt, isOpen, listModels, openModels, showSettings, showToAll } from "./show-settings.ts";

/** Runs `/model`, `/system`, `/params` or `/mode`. */
export async function runSettingsCommand(
  dependencies: SettingsDependencies,
  command: IncomingCommand,
  asker: Asker,
  name: SettingsCommandName,
): Promise<CommandAnswer> {
  const asked = toAsked(dependencies, command, asker);
  if (command.isCut === true) return refusing(words.settings.textCut);
  if (command.file !== undefined) return await withFile(asked, name, command.file);
  const { argument, text } = command;
  return await carryOut(
    asked,
    name,
    text === undefined ? readSettingsRequest(name, argument) : readTextRequest(name, argument, text),
  );
}

/** Nobody's file is fetched who may not change anything by it. */
async function withFile(asked: Asked, name: SettingsCommandName, file: IncomingFile): Promise<CommandAnswer> {
  const { argument } = asked.command;
  const { reach } = readReach(argument);
  if (readTextRequest(name, argument, "x").kind === "usage") return refusing(words.settings.usage[name]);
  return await within(asked, reach, async () => {
    const read = await asked.dependencies.readFile(asked.command, file);
    if ("fault" in read) return refusing(read.fault);
    return await carryOut(asked, name, readTextRequest(name, argument, read.text));
  });
}

async function carryOut(
  asked: Asked,
  name: SettingsCommandName,
  request: SettingsRequest,
): Promise<CommandAnswer> {
  switch (request.kind) {
    case "show":
      return name === "model"
        ? await showModels(asked, request.reach, request.page)
        : await show(asked, name, request.reach);
    case "detail":
      return await showDetail(asked, request.reach, request.name);
    case "ask":
      return await within(asked, request.reach, async (scope) => ({
        ...toPlace(words.settings.wantPrompt(scope.kind, systemPromptBytes)),
        wants: { command: name, argument: `${writeReach(request.reach)}set` },
      }));
    case "usage":
      return refusing(words.settings.usage[name]);
    case "faulty":
      return refusing(words.settings.faulty(settingOf(request.name)));
    case "reset":
      return await within(asked, request.reach, async (scope) => {
        const limits = await mayChangeLimits(asked);
        return await change(
          asked,
          scope,
          settingsOfCommand(name).filter((one) => limits || one !== limit),
        );
      });
    case "change":
      return await within(asked, request.reach, async (scope) => {
        if (request.name === limit && !(await mayChangeLimits(asked)))
          return refusing(words.settings.limitNotAllowed);
        const unfit = await unfitModel(asked, request);
        if (unfit !== undefined) return refusing(unfit);
        // A model may take its time to show that it answers: the right is looked at again.
        const work = () => change(asked, scope, [request.name], request.value);
        return request.name === "model" ? await within(asked, request.reach, work) : await work();
      });
    default:
      return request satisfies never;
  }
}

/** What holds in a scope that reaches so far, in short, with the choices that change it. */
export async function describeSettings(
  dependencies: SettingsDependencies,
  command: IncomingCommand,
  asker: Asker,
  name: SettingsCommandName,
  reach: "chat" | "workspace",
): Promise<CommandAnswer> {
  const asked = toAsked(dependencies, command, asker);
  const scopes = reach === "chat" ? asked.scopes : asked.scopes.filter(({ kind }) => isWide(kind));
  const effective = await read({ ...asked, scopes });
  const text = showSettings(effective, settingsOfCommand(name));
  if (name !== "model") return toPlace(text, overviewChoices(name, effective, reach));
  const page = await findModels(asked, effective, undefined);
  return toPlace(text, modelChoices(page, effective, reach));
}

/** @returns why the model that is wanted cannot be chosen */
async function unfitModel(
  asked: Asked,
  { name, value }: Extract<SettingsRequest, { kind: "change" }>,
): Promise<string | undefined> {
  if (name !== "model" || value === undefined) return undefined;
  const model: unknown = JSON.parse(value);
  if (typeof model !== "string") return undefined;
  const { values } = await read(asked);
  if (!isOpen(model, values.modelPatterns)) return words.settings.modelNotOffered(model);
  const { dependencies, command } = asked;
  const { id: message, conversation, author } = command;
  const user = dependencies.endUser(parseConversationId(conversation), author.id);
  return await dependencies.checkModel(model, { message, conversation, user });
}

/** @param value JSON; undefined removes the settings */
async function change(
  asked: Asked,
  scope: SettingsScope,
  names: readonly SettingName[],
  value?: string,
): Promise<CommandAnswer> {
  const { settings } = asked.dependencies;
  const origin = originOf(asked);
  let isSame = true;
  for (const name of names) {
    const { kind } = await settings.change({ scope, name, value, origin });
    isSame &&= kind === "same";
  }
  const effective = await read(asked);
  const overruled = names.find((name) => isNarrower(asked.scopes, effective.sources.get(name), scope));
  const shown = asked.command.place === "group" ? showToAll : showSettings;
  const text = words.settings.changed(
    shown(effective, names),
    overruled === undefined ? undefined : effective.sources.get(overruled)?.kind,
    isSame,
  );
  const [first] = names;
  if (asked.command.button === undefined || first === undefined) return toPlace(text);
  const { reach } = readReach(asked.command.argument);
  return toPlace(text, [backChoice(settingOf(first).command, reach)]);
}

function isNarrower(
  scopes: readonly SettingsScope[],
  source: SettingsScope | undefined,
  scope: SettingsScope,
): boolean {
  const place = (id: string | undefined) => scopes.findIndex((candidate) => candidate.id === id);
  return source !== undefined && place(source.id) > place(scope.id);
}

async function show(asked: Asked, name: SettingsCommandName, reach: ScopeKind): Promise<CommandAnswer> {
  const effective = await read(asked);
  const shown = showSettings(effective, settingsOfCommand(name));
  const text = `${shown}\n\n${words.settings.usage[name]}`;
  const choices = overviewChoices(name, effective, reach);
  const isOthers = name === "system" && hasOthersPrompt(effective);
  return isOthers ? toPerson(text, choices) : toPlace(text, choices);
}

async function showModels(
  asked: Asked,
  reach: ScopeKind,
  wanted: number | undefined,
): Promise<CommandAnswer> {
  const effective = await read(asked);
  const page = await findModels(asked, effective, wanted);
  const parts = [
    showSettings(effective, settingsOfCommand("model")),
    listModels(page, effective.values),
    words.settings.usage.model,
  ];
  return toPlace(parts.filter((part) => part !== "").join("\n\n"), modelChoices(page, effective, reach));
}

async function findModels(
  { dependencies: { catalogue, modelsWaitMs } }: Asked,
  { values }: EffectiveSettings,
  wanted: number | undefined,
): Promise<ModelPage> {
  const models = await catalogue.models(AbortSignal.timeout(modelsWaitMs)).catch(() => []);
  return pageOf(openModels(models, values), values.model, wanted);
}

async function showDetail(asked: Asked, reach: ScopeKind, name: SettingName): Promise<CommandAnswer> {
  const effective = await read(asked);
  const text = `${words.settings.detail(settingOf(name))}\n\n${showSettings(effective, [name])}`;
  return toPlace(text, detailChoices(name, effective, reach));
}
