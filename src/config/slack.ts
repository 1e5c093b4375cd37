/** What the Slack adapter is told. */

import type { FloodRate } from "../core/platform/flood-budget.ts";
import type { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";
import { type SlackAccessConfig, toSlackAccess } from "./slack-access.ts";

/** Its part of the configuration. */
export interface SlackConfig {
  readonly access: SlackAccessConfig;
  /** How Slack's events come: the app token opens sockets, the signing secret proves requests. */
  readonly delivery:
    | { readonly kind: "socket"; readonly appToken: Secret }
    | { readonly kind: "http"; readonly signingSecret: Secret };
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly proxyUrl: Secret | undefined;
  readonly dm: "threads" | "flat";
  readonly streaming: "edit" | "native";
  readonly threads: "mention" | "threads" | "all";
  readonly rates: { readonly update: FloodRate; readonly post: FloodRate };
}

/** @returns undefined when Slack is not connected */
export function toSlack(values: Settings): SlackConfig | undefined {
  const delivery = toSlackDelivery(values);
  const access = toSlackAccess(values);
  if (access === undefined || delivery === undefined) return undefined;
  return {
    access,
    delivery,
    apiUrl: values.SLACK_API_URL,
    proxyUrl: values.SLACK_PROXY_URL,
    dm: values.SLACK_DM,
    streaming: values.SLACK_STREAMING,
    threads: values.SLACK_THREADS,
    rates: { update: values.SLACK_RATE_UPDATE, post: values.SLACK_RATE_POST },
  };
}

/** An app token means Socket Mode, whatever else is set. */
function toSlackDelivery(values: Settings): SlackConfig["delivery"] | undefined {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = values;
  if (appToken !== undefined) return { kind: "socket", appToken };
  return signingSecret === undefined ? undefined : { kind: "http", signingSecret };
}
