/** What applies to one turn: laid together when it begins, kept to its end. Pure. */

import type { ChatParameters } from "../chat-api.ts";
import { speakerName } from "../context.ts";
import type { Address } from "../conversation.ts";
import { words } from "../words.ts";
import type { SettingValues } from "./declarations.ts";

/** What the operator has configured; settings lie over it. */
export interface ConfiguredSettings extends SettingValues {
  readonly model: string;
  /** Empty: none. */
  readonly systemPrompt: string;
}

/** What applies to a turn. */
export interface TurnSettings {
  readonly model: string;
  /** With the values that an admin has asked for, as its last line; empty: none. */
  readonly systemPrompt: string;
  readonly parameters: ChatParameters;
}

/** Who asks, where and when, for the values that a system prompt may end in. */
export interface Circumstances {
  readonly atMs: number;
  readonly address: Address;
  /** The display name, as the platform sent it; untrusted. */
  readonly userName: string;
  /** Tells the person apart and names nobody. */
  readonly endUser: string;
}

/** Lays the settings of a place over what is configured. */
export function toTurnSettings(
  configured: ConfiguredSettings,
  values: SettingValues,
  circumstances: Circumstances,
): TurnSettings {
  const {
    model,
    systemPrompt,
    promptValues,
    modelPatterns: _,
    safetyIdentifier,
    ...parameters
  } = {
    ...configured,
    ...values,
  };
  return {
    model: model ?? configured.model,
    systemPrompt: withValues(systemPrompt ?? "", promptValues ?? [], circumstances),
    parameters: {
      ...parameters,
      ...(safetyIdentifier === true ? { safetyIdentifier: circumstances.endUser } : {}),
    },
  };
}

/** At the end, where it spoils no cached prefix; the prompt itself is data and stays as it was written. */
function withValues(
  systemPrompt: string,
  wanted: readonly ("date" | "user" | "chat")[],
  { atMs, userName, address }: Circumstances,
): string {
  if (wanted.length === 0) return systemPrompt;
  const values = {
    date: new Date(atMs).toISOString().slice(0, 10),
    user: speakerName(userName),
    chat: `${address.platform} ${address.chat}`,
  };
  const line = words.promptValues(wanted.map((name) => `${name}: ${values[name]}`));
  return systemPrompt === "" ? line : `${systemPrompt}\n\n${line}`;
}
