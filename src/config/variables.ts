/** Variables → the texts of the settings among them, and what is wrong with their names and values. */

import { type Problem, showValue, unknownName } from "./problems.ts";
import { factsOf, type SettingTexts, settingNames } from "./settings.ts";

/** Variables by name; empty counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Those that are set. */
export function withoutEmpty(variables: Environment): Record<string, string> {
  const set = Object.entries(variables).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(set);
}

/** Those that are settings, and set. */
export function pickKnown(variables: Environment): SettingTexts {
  const known: { -readonly [Name in keyof SettingTexts]: SettingTexts[Name] } = {};
  for (const name of settingNames) {
    const value = variables[name];
    if (value !== undefined && value !== "") known[name] = value;
  }
  return known;
}

/**
 * In `.env` every name must be one of ours; in the environment, where others' stand too, only those of a platform.
 * @param alsoKnown names that are used without being settings
 */
export function unknownNames(
  environment: Environment,
  file: Environment,
  alsoKnown: readonly string[],
): readonly Problem[] {
  const known: readonly string[] = [...settingNames, ...alsoKnown];
  const ours = Object.keys(environment).filter((name) => /^(TELEGRAM|SLACK)_/i.test(name));
  const names = new Set([...Object.keys(file), ...ours]);
  return [...names].filter((name) => !known.includes(name)).map((name) => unknownName(name, known));
}

/** What the schema found, as a report puts it. */
export function valueProblem(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  given: SettingTexts,
): Problem {
  const name = settingNames.find((candidate) => candidate === issue.path[0]);
  if (name === undefined) return { name: String(issue.path[0]), message: issue.message };
  const { secret, example } = factsOf(name);
  const got = showValue(given[name] ?? "", secret ?? false);
  return { name, message: issue.message, got, example: `${name}=${example}` };
}
