/** What applies to one turn: laid together when it begins, kept to its end. Pure. */

import type { ChatParameters } from "../chat-api.ts";
import { speakerName } from "../context.ts";
import type { Address } from "../conversation.ts";
import { words } from "../words.ts";
import type { Behaviour, SettingValues } from "./declarations.ts";

/** What the operator has configured; settings lie over it. */
export interface ConfiguredSettings extends Omit<SettingValues, keyof Behaviour>, Behaviour {
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

/** @param values the settings of the place, over what is configured */
export function toTurnSettings(values: ConfiguredSettings, circumstances: Circumstances): TurnSettings {
  const {
    model,
    systemPrompt,
    promptValues,
    modelPatterns: _,
    safetyIdentifier,
    streaming: _streaming,
    names: _names,
    overlap: _overlap,
    groups: _groups,
    threads: _threads,
    ...parameters
  } = values;
  return {
    model,
    systemPrompt: withValues(systemPrompt, promptValues ?? [], circumstances),
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
