/** Names for ids, asked of Slack in the worker and remembered for a while. */

import { z } from "zod";
import { parseConversationId } from "../../core/conversation.ts";
import type { PlatformError } from "../../core/errors.ts";
import type { IncomingMessage } from "../../core/message.ts";
import type { ReadMessage } from "../../core/platform.ts";
import type { SlackClient } from "./client.ts";
import { toPlatformError } from "./errors.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import type { SlackIdentity } from "./identity.ts";
import { readMarkup, withoutLeadingMention } from "./markup.ts";
import type { Workspaces } from "./workspaces.ts";

const userInfo = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  name: z.string().optional(),
  real_name: z.string().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
});
type UserInfo = z.output<typeof userInfo>;

interface Person {
  readonly name: string;
  readonly membership: ReadMessage["membership"];
}

const entries = 5_000;
/** Names and guest status may be this old. */
const lifetimeMs = 60 * 60_000;

/** Makes messages readable. */
export type MessageReader = (message: IncomingMessage, signal: AbortSignal) => Promise<ReadMessage>;

/** Makes the reader. `now` is the clock that names grow old by. */
export function createMessageReader(workspaces: Workspaces, now: () => number = Date.now): MessageReader {
  const people = new ExpiringCache<Person>({ entries, lifetimeMs, now });
  const channels = new ExpiringCache<string>({ entries, lifetimeMs, now });

  return async (message, signal) => {
    signal.throwIfAborted();
    const { scope } = parseConversationId(message.conversation);
    const { client, self } = await findSelf(workspaces, scope);
    // Ids are unique within a workspace only.
    const person = (id: string) => people.get(`${scope}/${id}`, () => askPerson(client, id, self));
    const channel = (id: string) => channels.get(`${scope}/${id}`, () => askChannel(client, id));
    const author = await person(message.author.id).catch((error: PlatformError) =>
      asStranger(message, error),
    );
    const text = await readMarkup(withoutLeadingMention(message.text, self.botUserId), {
      // A mention without its name is still a mention; the answer does not wait for it.
      user: (id) =>
        person(id).then(
          ({ name }) => name,
          () => id,
        ),
      channel: (id) => channel(id).catch(() => id),
    });
    signal.throwIfAborted();
    return { text, authorName: author.name, membership: author.membership };
  };
}

async function findSelf(
  workspaces: Workspaces,
  scope: string,
): Promise<{ readonly client: SlackClient; readonly self: SlackIdentity }> {
  try {
    const { client, identity } = await workspaces.find(scope);
    return { client, self: await identity() };
  } catch (error) {
    throw toPlatformError(error, { method: "auth.test", budgets: [] });
  }
}

/** Somebody whom Slack does not show us gets a stranger's rights; a passing failure is tried again. */
function asStranger(message: IncomingMessage, error: PlatformError): Person {
  if (error.retry !== "never") throw error;
  return { name: message.author.name || message.author.id, membership: "stranger" };
}

async function askPerson({ web }: SlackClient, id: string, self: SlackIdentity): Promise<Person> {
  try {
    const { user } = await web.users.info({ user: id });
    return toPerson(userInfo.parse(user), self);
  } catch (error) {
    throw toPlatformError(error, { method: "users.info", budgets: [] });
  }
}

async function askChannel({ web }: SlackClient, id: string): Promise<string> {
  const { channel } = await web.conversations.info({ channel: id });
  return channel?.name || id;
}

function toPerson(user: UserInfo, self: SlackIdentity): Person {
  const { profile = {} } = user;
  const name = profile.display_name || profile.real_name || user.real_name || user.name || user.id;
  return { name, membership: membershipOf(user, self) };
}

/** On an Enterprise Grid a person's own team may be another one of the organisation's. */
function membershipOf(user: UserInfo, { teamId }: SlackIdentity): ReadMessage["membership"] {
  const isOurs = user.team_id === teamId || user.enterprise_user?.teams?.includes(teamId) === true;
  if (user.is_stranger === true || !isOurs) return "stranger";
  return user.is_restricted === true || user.is_ultra_restricted === true ? "guest" : "member";
}
