/** What is allowed, but to be known. */

import type { Settings } from "./settings.ts";
import { isOpenRedis, showsPassword } from "./urls.ts";

/** They describe the one endpoint that there is without a list. */
const unusedWithEndpoints = [
  "OPENAI_BASE_URL",
  "OPENAI_ORGANIZATION",
  "OPENAI_PROJECT",
  "OPENAI_RPM",
  "OPENAI_TPM",
  "OPENAI_RPD",
  "OPENAI_TPD",
] as const;

/** Sentences for the terminal. */
export function warningsOf(values: Settings): readonly string[] {
  const warnings: string[] = [];
  if (values.LOG_LEVEL === "debug" || values.LOG_LEVEL === "trace") {
    warnings.push(
      `LOG_LEVEL=${values.LOG_LEVEL} writes a lot; it is for finding faults. Texts and secrets stay out of it.`,
    );
  }
  if (values.SLACK_CLIENT_ID !== undefined && values.SLACK_BOT_TOKEN !== undefined) {
    warnings.push(
      "SLACK_BOT_TOKEN is not used: with SLACK_CLIENT_ID every workspace installs the app, also that token's.",
    );
  }
  if (values.ENDPOINTS !== undefined) {
    const unused = unusedWithEndpoints.filter((name) => values[name] !== undefined);
    if (unused.length > 0) warnings.push(`Not used, for ENDPOINTS is set: ${unused.join(", ")}.`);
  }
  if (values.REDIS_URL !== undefined && isOpenRedis(values.REDIS_URL.reveal())) {
    warnings.push(
      "REDIS_URL reaches Redis unencrypted on another host; use rediss:// unless you trust that network.",
    );
  }
  for (const name of ["TELEGRAM_PROXY_URL", "SLACK_PROXY_URL", "OPENAI_PROXY_URL"] as const) {
    if (values[name] === undefined || !showsPassword(values[name].reveal())) continue;
    warnings.push(
      `${name} sends the proxy's password unencrypted; use https:// where the proxy offers it, unless you trust that network.`,
    );
  }
  return warnings;
}
