/** Settings and models as people read them. Markdown. */

import { beginningOf } from "../beginning.ts";
import type { ModelInfo } from "../model-catalogue.ts";
import { type SettingName, type SettingValues, settingOf } from "../settings/declarations.ts";
import type { EffectiveSettings } from "../settings/effective.ts";
import { words } from "../words.ts";
import type { ModelPage } from "./settings-choices.ts";

/** So much of a value is shown, in UTF-16 code units: an answer to a command is one message. */
const shownUtf16 = 2_000;

/** Each setting's value and where it comes from; those that are nowhere set in one line. */
export function showSettings({ values, sources }: EffectiveSettings, names: readonly SettingName[]): string {
  const set = names.filter((name) => values[name] !== undefined);
  const unset = names.filter((name) => values[name] === undefined).map((name) => settingOf(name).word);
  const lines = set.map((name) => {
    const { word, show } = settingOf(name);
    return words.settings.value(word, quote(show(values[name])), sources.get(name)?.kind);
  });
  return [...lines, ...(unset.length === 0 ? [] : [words.settings.unset(unset)])].join("\n");
}

/** True when the system prompt that holds was not written for the place itself: not everybody in it is to read that. */
export function hasOthersPrompt({ sources }: EffectiveSettings): boolean {
  const source = sources.get("systemPrompt")?.kind;
  return source !== "chat" && source !== "conversation";
}

/** What was changed, for everybody in a group: of a system prompt that was written elsewhere no more than where it is set. */
export function showToAll(effective: EffectiveSettings, names: readonly SettingName[]): string {
  if (!names.includes("systemPrompt") || !hasOthersPrompt(effective)) return showSettings(effective, names);
  const others = names.filter((name) => name !== "systemPrompt");
  const { word } = settingOf("systemPrompt");
  const hidden = words.settings.value(
    word,
    words.settings.notShownHere,
    effective.sources.get("systemPrompt")?.kind,
  );
  return [hidden, ...(others.length === 0 ? [] : [showSettings(effective, others)])].join("\n");
}

/** The models that may be chosen, in the order of their names. */
export function openModels(
  models: readonly ModelInfo[],
  { modelPatterns }: SettingValues,
): readonly ModelInfo[] {
  return models.filter(({ id }) => isOpen(id, modelPatterns)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** A page of models, the one in use marked, and those that their provider ends. */
export function listModels({ models, page, pages }: ModelPage, { model }: SettingValues): string {
  const lines = models.map(({ id, shutdownDate }) =>
    words.settings.modelLine(quote(id), id === model, shutdownDate),
  );
  return [...lines, ...(pages > 1 ? [`\n${words.settings.modelPage(page, pages)}`] : [])].join("\n");
}

/** True when a model may be chosen. @param patterns with `*` for any characters; none: every model may */
export function isOpen(model: string, patterns: readonly string[] | undefined): boolean {
  if (patterns === undefined || patterns.length === 0) return true;
  return patterns.some((pattern) => matches(model, pattern.split("*")));
}

/** Without a regular expression: patterns are written by people, and some of those take for ever. */
function matches(text: string, [first = "", ...rest]: readonly string[]): boolean {
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.at(-1) ?? "";
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** As code, which nothing in it ends. */
function quote(text: string): string {
  const shown = beginningOf(text, shownUtf16);
  const fence = "`".repeat(longestRun(shown) + 1);
  if (!/[\n`]/.test(shown)) return `\`${shown}\``;
  const block = fence.padEnd(3, "`");
  return `\n${block}\n${shown}\n${block}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
