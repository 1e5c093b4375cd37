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
  | {
      readonly kind: "show";
      readonly reach: ScopeKind;
      /** Of a long list, counted from 1; undefined: where what holds now stands. */
      readonly page: number | undefined;
    }
  /** What one setting is, and what it may be. */
  | { readonly kind: "detail"; readonly reach: ScopeKind; readonly name: SettingName }
  /** A longer text is to be written. */
  | { readonly kind: "ask"; readonly reach: ScopeKind }
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

/** The word before the rest, with the space that parts them; empty for a chat. */
export function writeReach(reach: ScopeKind): string {
  const word = [...reaches].find(([, kind]) => kind === reach)?.[0];
  return word === undefined ? "" : `${word} `;
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
 * command is about (`/system set Be brief.`), or a model's name alone (`/model gpt-x`). A setting's word alone asks for it.
 */
export function readSettingsRequest(command: SettingsCommandName, argument: string): SettingsRequest {
  const { reach, rest } = readReach(argument);
  if (rest === "") return { kind: "show", reach, page: undefined };
  if (rest.toLowerCase() === "reset") return { kind: "reset", reach };
  const [, word = "", written = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (command === "model" && /^page \d{1,4}$/i.test(rest))
    return { kind: "show", reach, page: Number(written) };
  const about = principal[command];
  const isSet = word.toLowerCase() === "set";
  const named = isSet
    ? about
    : settingsOfCommand(command).find((name) => settingOf(name).word === word.toLowerCase());
  if (named !== undefined && written !== "") return toChange(reach, named, written);
  if (named !== undefined && named === longText[command]) return { kind: "ask", reach };
  if (named !== undefined) return { kind: "detail", reach, name: named };
  if (command !== "model" || isSet || named !== undefined) return { kind: "usage" };
  return toChange(reach, "model", rest);
}

/** The setting of a command that may be a longer text. */
const longText: Readonly<Partial<Record<SettingsCommandName, SettingName>>> = { system: "systemPrompt" };

/**
 * Reads a command whose value is a text by itself: the text is taken as it is, whatever it says.
 */
export function readTextRequest(
  command: SettingsCommandName,
  argument: string,
  text: string,
): SettingsRequest {
  const { reach, rest } = readReach(argument);
  const name = longText[command];
  if (name === undefined || !["", "set", settingOf(name).word].includes(rest.toLowerCase()))
    return { kind: "usage" };
  return toExactChange(reach, name, text);
}

/** True for a command's line that wants a longer text: `system here set`. */
export function wantsText({
  command,
  argument,
}: {
  readonly command: string;
  readonly argument: string;
}): boolean {
  if (!Object.hasOwn(longText, command)) return false;
  return readSettingsRequest(command as SettingsCommandName, argument).kind === "ask";
}

function toChange(reach: ScopeKind, name: SettingName, written: string): SettingsRequest {
  if (written.toLowerCase() === "reset") return { kind: "change", reach, name, value: undefined };
  return toExactChange(reach, name, written);
}

function toExactChange(reach: ScopeKind, name: SettingName, written: string): SettingsRequest {
  const value = settingOf(name).read(written);
  return value === undefined
    ? { kind: "faulty", name }
    : { kind: "change", reach, name, value: JSON.stringify(value) };
}
