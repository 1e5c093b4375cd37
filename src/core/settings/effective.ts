/** What holds in a place: the narrowest scope that sets it. Pure. */

import { isSettingName, type SettingName, type SettingValues, settingDeclarations } from "./declarations.ts";
import type { SettingsScope } from "./scopes.ts";

/** One scope's stored settings: setting → its value as JSON. */
export interface SettingsLayer {
  readonly scope: SettingsScope;
  readonly stored: ReadonlyMap<string, string>;
}

/** What holds, and which scope says so; a setting without a source is as the operator configured it. */
export interface EffectiveSettings {
  readonly values: SettingValues;
  readonly sources: ReadonlyMap<SettingName, SettingsScope>;
  /** Stored values that this version cannot read, as `scope: setting`: they count as not set. */
  readonly unreadable: readonly string[];
}

/**
 * Lays scopes over what the operator configured.
 * @param layers widest first, as `scopesOf` lists them
 */
export function effectiveSettings(
  configured: SettingValues,
  layers: readonly SettingsLayer[],
): EffectiveSettings {
  const values: Partial<Record<SettingName, unknown>> = { ...configured };
  const sources = new Map<SettingName, SettingsScope>();
  const unreadable: string[] = [];
  for (const { scope, stored } of layers) {
    for (const [name, json] of stored) {
      const value = isSettingName(name) ? readStored(name, json) : undefined;
      if (value === undefined) {
        unreadable.push(`${scope.id}: ${name}`);
        continue;
      }
      values[name as SettingName] = value;
      sources.set(name as SettingName, scope);
    }
  }
  return { values: values as SettingValues, sources, unreadable };
}

/** @returns the value, or undefined when it was written by a version that knows more */
export function readStored<Name extends SettingName>(name: Name, json: string): SettingValues[Name] {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = settingDeclarations[name].schema.safeParse(raw);
  return parsed.success ? (parsed.data as SettingValues[Name]) : undefined;
}
