/** Every setting of Parley: one zod schema, from which the documentation and `.env.example` are generated as well. */

import { z } from "zod";
import { accessSettings } from "./access-settings.ts";
import { contextSettings } from "./context-settings.ts";
import { facts, type SettingFacts } from "./declare.ts";
import { endpointSettings } from "./endpoint-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import { modelSettings } from "./model-settings.ts";
import { patienceSettings } from "./patience-settings.ts";
import { processSettings } from "./process-settings.ts";
import { proxySettings } from "./proxy-settings.ts";
import { rateSettings } from "./rate-settings.ts";
import { redisSettings } from "./redis-settings.ts";
import { slackSettings } from "./slack-settings.ts";
import { telegramSettings } from "./telegram-settings.ts";

/** All settings by the names of their variables, in the order in which they are documented under a heading. */
export const settings = z.object({
  ...telegramSettings,
  ...slackSettings,
  ...modelSettings,
  ...limitSettings,
  ...endpointSettings,
  ...contextSettings,
  ...proxySettings,
  ...accessSettings,
  ...redisSettings,
  ...processSettings,
  ...patienceSettings,
  ...rateSettings,
});

/** The name of a setting. */
export type SettingName = keyof typeof settings.shape;

/** The texts of the settings that are set. */
export type SettingTexts = { readonly [Name in SettingName]?: string };

/** All settings, read. */
export type Settings = z.output<typeof settings>;

/** The names of all settings. */
export const settingNames = settings.keyof().options;

/** What `name` is documented as. */
export function factsOf(name: SettingName): SettingFacts {
  const found = facts.get(settings.shape[name]);
  if (found === undefined) throw new Error(`The setting ${name} is not documented.`);
  return found;
}
