/** Every setting there is: what it is called, what it may be, which command changes it. Adapters and commands read it from here. */

import { z } from "zod";
import { choice, json, number, onOff, patterns, several, text, type ValueReader } from "./values.ts";

/** One setting. */
export interface SettingDeclaration<T = unknown> extends ValueReader<T> {
  /** What it is, as a clause for people: `how random the answers are`. */
  readonly about: string;
  /** Which command shows and changes it. */
  readonly command: "model" | "system" | "params" | "mode";
  /** As a person writes it after the command; for parameters the API's own word. */
  readonly word: string;
}

/** A system prompt's greatest size, in bytes of UTF-8. */
export const systemPromptBytes = 32_768;

const stopStrings = z.array(z.string().min(1).max(256)).min(1).max(4);
const logitBias = z
  .record(z.string().regex(/^\d{1,7}$/), z.number().min(-100).max(100))
  .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= 300);
const jsonSchema = z.object({
  name: z.string().regex(/^[\w-]{1,64}$/),
  schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().optional(),
});
const responseFormat = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("text") }),
    z.object({ type: z.literal("json_object") }),
    z.object({ type: z.literal("json_schema"), json_schema: jsonSchema }),
  ])
  .refine((format) => JSON.stringify(format).length <= 16_384);

function declare<T>(
  command: SettingDeclaration["command"],
  word: string,
  about: string,
  reader: ValueReader<T>,
  suggested = reader.suggested,
): SettingDeclaration<T> {
  return { command, word, about, ...reader, ...(suggested === undefined ? {} : { suggested }) };
}

/** Ranges: API reference of chat completions (platform-facts C2). What a model does not know it refuses by name. */
const parameters = {
  temperature: declare("params", "temperature", "how random the answers are", number(0, 2), [
    "0",
    "0.3",
    "0.7",
    "1",
    "1.3",
  ]),
  topP: declare("params", "top_p", "how many of the likely words are considered", number(0, 1), [
    "0.1",
    "0.5",
    "0.9",
    "1",
  ]),
  maxTokens: declare(
    "params",
    "max_tokens",
    "the longest answer in tokens, hidden reasoning included",
    number(1, 1_000_000, "whole"),
    ["256", "1024", "4096", "16384"],
  ),
  presencePenalty: declare("params", "presence_penalty", "how much new topics are preferred", number(-2, 2)),
  frequencyPenalty: declare("params", "frequency_penalty", "how much repetition is avoided", number(-2, 2)),
  stop: declare(
    "params",
    "stop",
    "texts at which an answer ends",
    json(stopStrings, 'one to four texts as JSON: `["END", "###"]`'),
  ),
  seed: declare(
    "params",
    "seed",
    "repeatable answers, as far as the model can",
    number(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, "whole"),
  ),
  logitBias: declare(
    "params",
    "logit_bias",
    "tokens that are made likely or unlikely",
    json(logitBias, 'token ids with numbers from -100 to 100 as JSON: `{"50256": -100}`'),
  ),
  responseFormat: declare(
    "params",
    "response_format",
    "the form of the answers",
    json(responseFormat, 'the API\'s own object as JSON: `{"type": "json_object"}`'),
  ),
  reasoningEffort: declare(
    "params",
    "reasoning_effort",
    "how long the model thinks",
    choice(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
  ),
  verbosity: declare("params", "verbosity", "how long the answers are", choice(["low", "medium", "high"])),
  safetyIdentifier: declare(
    "params",
    "safety_identifier",
    "tell the API apart who asks, by an identifier that names nobody",
    onOff,
  ),
} as const;

/** How the bot behaves where it is. A turn keeps what it began with. */
const behaviour = {
  streaming: declare(
    "mode",
    "streaming",
    "how an answer is shown while it is written: posted and edited, in the platform's own way where it has one, or only when it is whole",
    choice(["edit", "native", "off"]),
  ),
  groups: declare(
    "mode",
    "groups",
    "what is answered in a group or channel, outside of threads and topics: mentions and replies, or all that is said",
    choice(["mention", "all"]),
  ),
  threads: declare(
    "mode",
    "threads",
    "what is answered in a thread or topic where the bot has been asked: mentions and replies, what is addressed to nobody else, or all that is said",
    choice(["mention", "threads", "all"]),
  ),
  names: declare("mode", "names", "tell the model the names of those who speak in a group", onOff),
  overlap: declare(
    "mode",
    "overlap",
    "what becomes of messages that come while an answer is running",
    choice(["queue", "merge", "interrupt"]),
  ),
} as const;

/** Every setting, by the name under which it is stored. */
export const settingDeclarations = {
  model: declare("model", "model", "the model", text(200, "one")),
  modelPatterns: declare("model", "offer", "which models may be chosen", patterns(20)),
  systemPrompt: declare("system", "prompt", "the system prompt", text(systemPromptBytes, "many")),
  promptValues: declare(
    "system",
    "values",
    "what is added to the system prompt as its last line",
    several(["date", "user", "chat"]),
  ),
  ...parameters,
  ...behaviour,
} as const;

/** The name under which a setting is stored. */
export type SettingName = keyof typeof settingDeclarations;

type ValueOf<Name extends SettingName> = z.output<(typeof settingDeclarations)[Name]["schema"]>;

/** All settings of a place. What is undefined is not sent to the model, or is as the operator configured it. */
export type SettingValues = { readonly [Name in SettingName]?: ValueOf<Name> | undefined };

/** The parameters of the model's calls among the settings. */
export type ParameterValues = Pick<SettingValues, keyof typeof parameters>;

/** How the bot behaves, completely: what nobody has set is as configured. */
export type Behaviour = { readonly [Name in keyof typeof behaviour]-?: NonNullable<SettingValues[Name]> };

/** How it behaves where neither a person nor the operator says otherwise. */
export const usualBehaviour: Behaviour = {
  streaming: "edit",
  groups: "mention",
  threads: "mention",
  names: true,
  overlap: "queue",
};

/** True for the name of a setting. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingDeclarations, name);
}

/** The declaration of a setting, without its type. */
export function settingOf(name: SettingName): SettingDeclaration {
  return settingDeclarations[name] as unknown as SettingDeclaration;
}

/** The settings that a command shows and changes, in the order of their declaration. */
export function settingsOfCommand(command: SettingDeclaration["command"]): readonly SettingName[] {
  return Object.keys(settingDeclarations)
    .filter(isSettingName)
    .filter((name) => settingDeclarations[name].command === command);
}
