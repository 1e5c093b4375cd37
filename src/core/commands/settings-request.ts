/** What somebody wants of a setting: which one, how far, to what. Read from a command's argument. Pure. */

import {
  type SettingDeclaration,
  type SettingName,
  settingOf,
  settingsOfCommand,
} from "../settings/declarations.ts";
import type { ScopeKind } from "../settings/scopes.ts";

/** The commands that show and change settings. */
export type SettingsCommandName = SettingDeclaration["command"];

/** What is wanted. `faulty`: the setting is known, the value is none; `usage`: the argument cannot be read at all. */
export type SettingsRequest =
  | { readonly kind: "show" }
  | {
      readonly kind: "change";
      readonly reach: ScopeKind;
      readonly name: SettingName;
      /** JSON; undefined removes it. */
      readonly value: string | undefined;
    }
  | { readonly kind: "reset"; readonly reach: ScopeKind }
  | { readonly kind: "faulty"; readonly name: SettingName }
  | { readonly kind: "usage" };

const reaches: ReadonlyMap<string, ScopeKind> = new Map([
  ["here", "conversation"],
  ["workspace", "workspace"],
  ["everywhere", "default"],
]);

/** Reads the word before the rest: in a chat a command changes the chat, unless it says otherwise. */
export function readReach(argument: string): { readonly reach: ScopeKind; readonly rest: string } {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(argument.trim()) ?? [];
  const reach = reaches.get(word.toLowerCase());
  return reach === undefined ? { reach: "chat", rest: argument.trim() } : { reach, rest };
}

/** What `set` sets; absent where a setting has to be named. */
const principal: Readonly<Record<SettingsCommandName, SettingName | undefined>> = {
  model: "model",
  system: "systemPrompt",
  params: undefined,
  mode: undefined,
};

/**
 * Reads a command's argument: a setting's word and its value (`/params temperature 0.7`), `set` and the value of what the
 * command is about (`/system set Be brief.`), or a model's name alone (`/model gpt-x`).
 */
export function readSettingsRequest(command: SettingsCommandName, argument: string): SettingsRequest {
  if (argument.trim() === "") return { kind: "show" };
  const { reach, rest } = readReach(argument);
  if (rest === "") return { kind: "usage" };
  if (rest.toLowerCase() === "reset") return { kind: "reset", reach };
  const [, word = "", written = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  const about = principal[command];
  const isSet = word.toLowerCase() === "set";
  const named = isSet
    ? about
    : settingsOfCommand(command).find((name) => settingOf(name).word === word.toLowerCase());
  if (named !== undefined && written !== "") return toChange(reach, named, written);
  if (command !== "model" || isSet || named !== undefined) return { kind: "usage" };
  return toChange(reach, "model", rest);
}

function toChange(reach: ScopeKind, name: SettingName, written: string): SettingsRequest {
  if (written.toLowerCase() === "reset") return { kind: "change", reach, name, value: undefined };
  const value = settingOf(name).read(written);
  return value === undefined
    ? { kind: "faulty", name }
    : { kind: "change", reach, name, value: JSON.stringify(value) };
}
