/** What Slack says of people: who administers a workspace, and where one reaches them. */

import { z } from "zod";
import type { PlatformPeople } from "../../core/platform/people.ts";
import { platformName } from "./address.ts";
import { toPlatformError } from "./errors.ts";
import { membershipOf, userInfo } from "./names.ts";
import type { Workspaces } from "./workspaces.ts";

const roleInfo = userInfo.extend({
  deleted: z.boolean().optional(),
  is_admin: z.boolean().optional(),
  is_owner: z.boolean().optional(),
});

/** Makes the port. It never looks at what is remembered of names: a role counts as it is now. */
export function createPeople(workspaces: Workspaces): PlatformPeople {
  return {
    scope: undefined,
    async roleOf({ scope }, person, signal) {
      signal.throwIfAborted();
      try {
        const { client, identity } = await workspaces.find(scope);
        const [self, { user }] = await Promise.all([identity(), client.web.users.info({ user: person })]);
        const info = roleInfo.parse(user);
        // An admin of another workspace that shares a channel with ours is a stranger here.
        const isOurs = info.deleted !== true && membershipOf(info, self) === "member";
        return isOurs && (info.is_admin === true || info.is_owner === true) ? "workspace" : undefined;
      } catch (error) {
        throw toPlatformError(error, { method: "users.info", budget: undefined });
      }
    },
    // There is one slash command for everybody.
    offerCommands: async () => undefined,
    // Posted to a person's id, a message goes to their direct messages with the app (docs.slack.dev, chat.postMessage).
    directChat: (scope, person) => ({
      address: { platform: platformName, scope, chat: person },
      place: "private",
      question: "",
      asker: person,
    }),
  };
}
