/** The environment of a service under test: the same names that an operator sets. */

import { type Config, readConfig } from "../../src/config.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

/** Without limits on what waits. */
export const patienceOff = {
  PERSON_MESSAGES_PER_MINUTE: "0",
  CONVERSATION_MESSAGES_PER_MINUTE: "0",
  PERSON_WAITING: "0",
  CONVERSATION_WAITING: "0",
  CONVERSATIONS_WAITING: "0",
  WAITING_MS: "0",
} as const;

/** What every service under test is told unless a test says otherwise. */
export const commonVariables: Variables = {
  OPENAI_MODEL: "test-model",
  PORT: "0",
  SYSTEM_PROMPT: "You are a test.",
  SHUTDOWN_GRACE_MS: "300",
  ...patienceOff,
};

/** Without starting rates: only refusals are obeyed. */
export const ratesOff = {
  telegram: { TELEGRAM_RATE_GLOBAL: "off", TELEGRAM_RATE_CHAT: "off", TELEGRAM_RATE_GROUP: "off" },
  slack: { SLACK_RATE_UPDATE: "off", SLACK_RATE_POST: "off" },
} as const;

/** @throws Error with every problem */
export function toConfig(variables: Variables): Config {
  const result = readConfig(variables, "");
  if ("config" in result) return result.config;
  throw new Error(result.problems.map(({ name, message }) => `${name} ${message}`).join("\n"));
}
