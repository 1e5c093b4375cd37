/** What settings demand of each other. Works on their texts, so that it reports even when some cannot be read. */

import type { Problem } from "./problems.ts";
import { factsOf, type SettingName, type SettingTexts } from "./settings.ts";
import { exposure, proxiedExposure } from "./urls.ts";

/** Which settings are set; their values may be texts or already read. */
type Given = { readonly [Name in SettingName]?: unknown };

/** True when this process calls the configured model. */
export function isModelNeeded(given: Given, model: boolean): boolean {
  return model || (isPlatformSet(given) && roleOf(given) !== "gateway");
}

function isPlatformSet(given: Given): boolean {
  const { TELEGRAM_BOT_TOKEN, SLACK_BOT_TOKEN, SLACK_CLIENT_ID } = given;
  return [TELEGRAM_BOT_TOKEN, SLACK_BOT_TOKEN, SLACK_CLIENT_ID].some((value) => value !== undefined);
}

function roleOf(given: Given): string {
  return typeof given.ROLE === "string" ? given.ROLE.trim().toLowerCase() : "all";
}

/**
 * @param given the texts of the settings that are set
 * @param model true with `--model`
 */
export function combinationProblems(given: SettingTexts, model: boolean): readonly Problem[] {
  return [
    ...missingTokens(given),
    ...webhookProblems(given),
    ...roleProblems(given),
    ...modelProblems(given, model),
    ...exposedSecrets(given),
  ];
}

/** A platform variable means that the platform is wanted: its tokens must be there. */
function missingTokens(given: SettingTexts): readonly Problem[] {
  const rules: readonly { readonly prefix: string; readonly needed: readonly SettingName[] }[] = [
    { prefix: "TELEGRAM_", needed: ["TELEGRAM_BOT_TOKEN"] },
    { prefix: "SLACK_", needed: slackAccess(given) },
  ];
  const problems = rules.flatMap(({ prefix, needed }) => {
    const cause = Object.keys(given).find((name) => name.startsWith(prefix));
    if (cause === undefined) return [];
    return needed
      .filter((name) => given[name] === undefined)
      .map((name) => missing(name, `is missing, and ${cause} is set.`));
  });
  return [...problems, ...missingDelivery(given)];
}

/** One workspace by its token, or several that install the app. */
function slackAccess(given: Given): readonly SettingName[] {
  const installs = [
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_TOKEN_KEY",
    "SLACK_TOKEN_KEY_OLD",
    "SLACK_INSTALL_TEAMS",
  ] as const;
  if (installs.every((name) => given[name] === undefined)) return ["SLACK_BOT_TOKEN"];
  return ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_TOKEN_KEY", "SLACK_PUBLIC_URL"];
}

/** Slack has two ways to us, and without the secret of either it has none. */
function missingDelivery(given: Given): readonly Problem[] {
  const cause = Object.keys(given).find((name) => name.startsWith("SLACK_"));
  if (cause === undefined) return [];
  if (given.SLACK_APP_TOKEN !== undefined || given.SLACK_SIGNING_SECRET !== undefined) return [];
  const message = `is missing, and ${cause} is set. It means Socket Mode; for HTTP set SLACK_SIGNING_SECRET instead.`;
  return [missing("SLACK_APP_TOKEN", message)];
}

/** The ports to which Telegram itself delivers; a Bot API server of one's own takes any [Bot API setWebhook]. */
const telegramPorts = ["", "80", "88", "443", "8443"];

function webhookProblems(given: SettingTexts): readonly Problem[] {
  const address = given.TELEGRAM_WEBHOOK_URL?.trim();
  if (address === undefined) return [];
  const problems: Problem[] = [];
  if (given.TELEGRAM_WEBHOOK_SECRET === undefined) {
    problems.push(
      missing("TELEGRAM_WEBHOOK_SECRET", "is missing: without it anybody could write in anybody's name."),
    );
  }
  const port = URL.parse(address)?.port ?? "";
  if (given.TELEGRAM_API_ROOT === undefined && !telegramPorts.includes(port)) {
    const message = "names a port to which Telegram does not deliver; it takes 443, 80, 88 or 8443.";
    problems.push({ name: "TELEGRAM_WEBHOOK_URL", message, got: JSON.stringify(address) });
  }
  return problems;
}

function roleProblems(given: Given): readonly Problem[] {
  const role = roleOf(given);
  if (role !== "gateway" && role !== "worker") return [];
  const problems: Problem[] = [];
  if (given.REDIS_URL === undefined) {
    problems.push(missing("REDIS_URL", `is missing: with ROLE=${role} several processes share one Redis.`));
  }
  if (!Object.keys(given).some((name) => /^(TELEGRAM|SLACK)_/.test(name))) {
    problems.push({
      name: "ROLE",
      message: `is ${role}, but no platform is set. The playground runs only with ROLE=all.`,
      example: "ROLE=all",
    });
  }
  return problems;
}

function modelProblems(given: Given, model: boolean): readonly Problem[] {
  if (!isModelNeeded(given, model)) return [];
  const problems: Problem[] = [];
  const hasEndpoint = given.OPENAI_API_KEY ?? given.OPENAI_BASE_URL ?? given.ENDPOINTS;
  if (hasEndpoint === undefined) {
    problems.push(missing("OPENAI_API_KEY", "is missing; only with OPENAI_BASE_URL it may be left out."));
  }
  if (given.OPENAI_MODEL === undefined) {
    problems.push({ ...missing("OPENAI_MODEL", "is missing; it has no default."), wantsModels: true });
  }
  return problems;
}

/** Secrets travel to them, or to us by them; with the proxy that stands before them, if there may be one. */
const exposing: readonly (readonly [address: SettingName, proxy?: SettingName])[] = [
  ["TELEGRAM_API_ROOT", "TELEGRAM_PROXY_URL"],
  ["TELEGRAM_WEBHOOK_URL"],
  ["SLACK_API_URL", "SLACK_PROXY_URL"],
  ["SLACK_PUBLIC_URL"],
  ["OPENAI_BASE_URL", "OPENAI_PROXY_URL"],
];

/** Addresses to which secrets would travel in the clear or into the wrong hands. */
function exposedSecrets(given: SettingTexts): readonly Problem[] {
  const allowed = (given.INSECURE_HOSTS ?? "").toLowerCase().split(/[\s,]+/);
  return exposing.flatMap(([name, proxyName]) => {
    const address = given[name]?.trim();
    if (address === undefined) return [];
    const proxy = proxyName && given[proxyName];
    const byProxy = proxy === undefined ? undefined : proxiedExposure(address, proxy.trim(), allowed);
    const message = exposure(address, allowed) ?? byProxy;
    return message === undefined ? [] : [{ name, message, got: JSON.stringify(address) }];
  });
}

function missing(name: SettingName, message: string): Problem {
  return { name, message, example: `${name}=${factsOf(name).example}` };
}
