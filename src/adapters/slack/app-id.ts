/** Which app we are, so that another app's deliveries can be told apart. */

import { z } from "zod";
import { causeOf, type Events } from "../../core/events.ts";
import { platformName } from "./address.ts";
import { WorkspaceGone } from "./errors.ts";
import type { Workspaces } from "./workspaces.ts";

const botsInfo = z.object({ bot: z.object({ app_id: z.string() }) });

/**
 * Asks for the app of the configured bot token, once.
 * @returns undefined where Slack does not tell: then the signature alone says whose a delivery is
 */
export async function askAppId(workspaces: Workspaces, events: Events): Promise<string | undefined> {
  const method = "bots.info";
  try {
    const { client, identity } = await workspaces.find(undefined);
    const { botId: bot } = await identity();
    if (bot === undefined) return undefined;
    return botsInfo.parse(await client.web.bots.info({ bot })).bot.app_id;
  } catch (error) {
    // Installed by others: there is no token of the app as such.
    if (error instanceof WorkspaceGone) return undefined;
    events.callFailed({ platform: platformName, method, outcome: "app unknown", cause: causeOf(error) });
    return undefined;
  }
}
