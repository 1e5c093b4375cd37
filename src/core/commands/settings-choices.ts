/** The buttons under settings: which models, values and texts may be chosen. Pure. */

import type { ModelInfo } from "../model-catalogue.ts";
import { type SettingName, settingOf, settingsOfCommand } from "../settings/declarations.ts";
import type { EffectiveSettings } from "../settings/effective.ts";
import type { ScopeKind } from "../settings/scopes.ts";
import { words } from "../words.ts";
import type { Choice } from "./command-answer.ts";
import { type SettingsCommandName, writeReach } from "./settings-request.ts";

type Rows = readonly (readonly Choice[])[];

const { buttons } = words.settings;

/** So many models stand on a page. */
const modelsPerPage = 8;

/** Up to so many buttons with short labels stand in a row. */
const rowLength = 3;

/** Some of a long list. */
export interface ModelPage {
  readonly models: readonly ModelInfo[];
  /** Counted from 1. */
  readonly page: number;
  readonly pages: number;
}

/** The page that is wanted, or the one that holds the model in use; the nearest where there is none such. */
export function pageOf(
  models: readonly ModelInfo[],
  model: string | undefined,
  wanted: number | undefined,
): ModelPage {
  const pages = Math.max(1, Math.ceil(models.length / modelsPerPage));
  const inUse =
    Math.floor(
      Math.max(
        0,
        models.findIndex(({ id }) => id === model),
      ) / modelsPerPage,
    ) + 1;
  const page = Math.min(pages, Math.max(1, wanted ?? inUse));
  return { models: models.slice((page - 1) * modelsPerPage, page * modelsPerPage), page, pages };
}

/** A row for each model, and one to leaf through. */
export function modelChoices(
  { models, page, pages }: ModelPage,
  { values, sources }: EffectiveSettings,
  reach: ScopeKind,
): Rows {
  const to = (label: string, argument: string): Choice => ({
    label,
    command: "model",
    argument: (writeReach(reach) + argument).trim(),
  });
  const rows = models.map(({ id }): readonly Choice[] => [
    { ...to(id, `set ${id}`), ...(id === values.model ? { isChosen: true as const } : {}) },
  ]);
  const leaf = [
    ...(page > 1 ? [to(buttons.previous, `page ${page - 1}`)] : []),
    ...(page < pages ? [to(buttons.next, `page ${page + 1}`)] : []),
  ];
  const reset = sources.get("model")?.kind === reach ? [to(buttons.reset, "model reset")] : [];
  return [...rows, ...[[...leaf, ...reset]].filter((row) => row.length > 0)];
}

/** A button for each setting that has something to choose, and for what the command is about. */
export function overviewChoices(
  command: SettingsCommandName,
  { sources }: EffectiveSettings,
  reach: ScopeKind,
): Rows {
  const names = settingsOfCommand(command);
  const to = toChoice(command, reach);
  const details = names
    .filter((name) => settingOf(name).suggested !== undefined || settingOf(name).parts !== undefined)
    .map((name) => to(buttons.more(settingOf(name).word), settingOf(name).word));
  const isSet = names.some((name) => sources.get(name)?.kind === reach);
  const write = command === "system" ? [to(buttons.write, "set")] : [];
  const reset = isSet ? [to(buttons.reset, "reset")] : [];
  return [...inRows([...write, ...details]), ...inRows(reset)];
}

/** The values of one setting, the one that holds marked; and the way back. */
export function detailChoices(name: SettingName, effective: EffectiveSettings, reach: ScopeKind): Rows {
  const { command, word, suggested = [], parts, show } = settingOf(name);
  const to = toChoice(command, reach);
  const value = effective.values[name];
  const shown = value === undefined ? undefined : show(value);
  const values = suggested.map((text) => ({
    ...to(text, `${word} ${text}`),
    ...(text === shown ? { isChosen: true as const } : {}),
  }));
  const reset = effective.sources.get(name)?.kind === reach ? [to(buttons.reset, `${word} reset`)] : [];
  const toggles =
    parts === undefined ? [] : toggleChoices(parts, value, (label, rest) => to(label, `${word} ${rest}`));
  return [...inRows([...values, ...toggles]), [...reset, ...backChoice(command, reach)]];
}

/** Back to all that the command shows. */
export function backChoice(command: SettingsCommandName, reach: ScopeKind): readonly Choice[] {
  return [toChoice(command, reach)(buttons.back, "")];
}

function toChoice(
  command: SettingsCommandName,
  reach: ScopeKind,
): (label: string, argument: string) => Choice {
  return (label, argument) => ({ label, command, argument: (writeReach(reach) + argument).trim() });
}

/** Each press adds one word to those that are chosen, or takes it away. */
function toggleChoices(
  parts: readonly string[],
  value: unknown,
  to: (label: string, argument: string) => Choice,
): readonly Choice[] {
  const chosen = parts.filter((part) => Array.isArray(value) && value.includes(part));
  return parts.map((part) => {
    const isChosen = chosen.includes(part);
    const next = isChosen ? chosen.filter((other) => other !== part) : [...chosen, part];
    const choice = to(part, next.length === 0 ? "none" : next.join(" "));
    return isChosen ? { ...choice, isChosen: true } : choice;
  });
}

function inRows(choices: readonly Choice[]): Rows {
  const count = Math.ceil(choices.length / rowLength);
  return Array.from({ length: count }, (_, row) => choices.slice(row * rowLength, (row + 1) * rowLength));
}
