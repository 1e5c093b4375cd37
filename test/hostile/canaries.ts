/** Values that may stand nowhere but where they belong: each holds the one word by which it is found again. */

import { vi } from "vitest";

/** The secrets of an installation and what is said in it. */
export const canaries = {
  telegramToken: "8000000001:AAF-canary-telegram-bot-token-0123456789",
  webhookSecret: "canary-webhook-secret-0123456789",
  slackBotToken: "xoxb-canary-slack-bot-token",
  slackAppToken: "xapp-canary-slack-app-token",
  signingSecret: "canary-slack-signing-secret-01",
  openAiKey: "sk-canary-openai-key-0123456789",
  proxyPassword: "canary-proxy-password",
  redisPassword: "canary-redis-password",
  systemPrompt: "canary system prompt",
  question: "canary question",
  answer: "canary answer",
  name: "canary-name",
  place: "canary-place",
} as const;

/** What a server may say that quotes what it was sent. */
export const quoting = `"${canaries.question}" after '${canaries.systemPrompt}' by ${canaries.name} with ${canaries.openAiKey}`;

const word = "canary";

/** As it stands within something that was encoded as a whole, wherever its bytes begin in a group of three. */
function inBase64(before: number): string {
  const whole = Buffer.from("\0".repeat(before) + word).toString("base64");
  return whole.replace(/=+$/, "").slice(before === 0 ? 0 : before + 1, -1);
}

const forms = [word, ...[0, 1, 2].map(inBase64), Buffer.from(word).toString("hex"), "ticket="];
const pattern = new RegExp(forms.join("|"), "i");

/** The lines that hold one of the values, whole or in part, plain or encoded; Slack's one-time addresses as well. */
export function leaksIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => pattern.test(line));
}

/** What is printed past the log. Nothing of it is shown; `vi.restoreAllMocks()` ends it. */
export function recordPrinted(): string[] {
  const printed: string[] = [];
  for (const method of ["log", "debug", "info", "warn", "error", "trace"] as const)
    vi.spyOn(console, method).mockImplementation((...line) => void printed.push(line.map(String).join(" ")));
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((chunk) => printed.push(String(chunk)) > 0);
  return printed;
}
