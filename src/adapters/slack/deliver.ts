/** One delivery of Slack's, whichever way it came: is it for a workspace that we serve, then through Bolt to the inbox. */

import type { App } from "@slack/bolt";
import type { Events } from "../../core/events.ts";
import { platformName } from "./address.ts";
import type { SlackBody } from "./request-body.ts";
import type { Workspaces } from "./workspaces.ts";

/** What Slack has sent. */
export interface Delivery {
  readonly body: SlackBody;
  readonly retryNum: number | undefined;
  readonly retryReason: string | undefined;
}

/** What became of it. */
export type Delivered =
  /** Written, or not for the bot. `answer` is what the acknowledgement carries. */
  | { readonly kind: "taken"; readonly answer: unknown }
  /** Of a workspace or app that is not ours: nothing was done. */
  | { readonly kind: "foreign" };

/**
 * Told once a minute while a workspace has more than 30,000 events an hour; the rest are lost
 * (docs.slack.dev/reference/events/app_rate_limited).
 */
const withheld = "app_rate_limited";

/** For whom we take things in. */
export interface Served {
  readonly workspaces: Workspaces;
  readonly events: Pick<Events, "arrivalsWithheld">;
  /** Undefined where Slack did not tell. */
  readonly appId: string | undefined;
}

/**
 * Takes in one delivery. Bolt acknowledges events before its listeners run; here that only notes the answer.
 * @throws when it is not known to be written; Slack must deliver again
 */
export async function deliver(
  app: App,
  { body, retryNum, retryReason }: Delivery,
  served: Served,
): Promise<Delivered> {
  if (!(await isServed(body, served))) return { kind: "foreign" };
  if (body.type === withheld) {
    served.events.arrivalsWithheld({ platform: platformName, scope: String(body.team_id) });
    return { kind: "taken", answer: undefined };
  }
  let answer: unknown;
  await app.processEvent({
    body: { ...body },
    ...(retryNum === undefined ? {} : { retryNum }),
    ...(retryReason === undefined ? {} : { retryReason }),
    ack: async (response: unknown) => {
      answer = response;
    },
  });
  return { kind: "taken", answer };
}

async function isServed(body: SlackBody, { workspaces, appId }: Served): Promise<boolean> {
  const { api_app_id: namedApp } = body;
  if (appId !== undefined && namedApp !== undefined && namedApp !== appId) return false;
  return await workspaces.serves(teamsOf(body));
}

/**
 * The workspaces that a delivery names. In a channel that several share, an event's `team_id` may be the other one's,
 * and the installation for which Slack sends it stands in `authorizations`.
 * @see github.com/slackapi/java-slack-sdk/issues/629
 */
function teamsOf(body: SlackBody): readonly string[] {
  const { authorizations, team_id, context_team_id, team, user, view } = body;
  const installations = Array.isArray(authorizations)
    ? authorizations.map((one) => field(one, "team_id"))
    : [];
  // Interactions name no `team_id`; a modal says where it was opened, the rest where it happened.
  const ofInteraction = field(view, "app_installed_team_id") ?? field(team, "id") ?? field(user, "team_id");
  const named = [...installations, team_id, context_team_id, ofInteraction];
  return named.filter((id) => typeof id === "string");
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}
