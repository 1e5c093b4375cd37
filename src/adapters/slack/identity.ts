/** Who we are on Slack: asked of `auth.test` once, asked again after a failure, never assumed. */

import { z } from "zod";
import type { SlackClient } from "./client.ts";

/** The workspace and our place in it. */
export interface SlackIdentity {
  readonly teamId: string;
  readonly botUserId: string;
  /** Absent for tokens that are not a bot's. */
  readonly botId: string | undefined;
}

const authTest = z.object({ team_id: z.string(), user_id: z.string(), bot_id: z.string().optional() });

/** Gives the identity. @throws what `auth.test` threw; the next call asks again */
export type IdentitySource = () => Promise<SlackIdentity>;

/** Remembers a success for ever and a failure not at all; callers at the same time share one call. */
export function createIdentitySource(client: SlackClient): IdentitySource {
  let asked: Promise<SlackIdentity> | undefined;
  return () => {
    asked ??= askIdentity(client).catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

async function askIdentity({ web }: SlackClient): Promise<SlackIdentity> {
  const { team_id, user_id, bot_id } = authTest.parse(await web.auth.test());
  return { teamId: team_id, botUserId: user_id, botId: bot_id };
}
