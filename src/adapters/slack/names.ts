/** Names for ids, asked of Slack in the worker and remembered for a while. */

import { z } from "zod";
import { parseConversationId } from "../../core/conversation.ts";
import type { PlatformError } from "../../core/errors.ts";
import type { IncomingMessage } from "../../core/message.ts";
import type { ReadMessage } from "../../core/platform/platform.ts";
import type { SlackClient } from "./client.ts";
import { toPlatformError } from "./errors.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import type { SlackIdentity } from "./identity.ts";
import { readMarkup, withoutLeadingMention } from "./markup.ts";
import type { Workspaces } from "./workspaces.ts";

/** What `users.info` says of somebody. */
export const userInfo = z.object({
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
/** Somebody as `users.info` knows them. */
export type UserInfo = z.output<typeof userInfo>;

/** Somebody, as Slack shows them to us. */
export interface Person {
  readonly name: string;
  readonly membership: ReadMessage["membership"];
}

const entries = 5_000;
/** Nobody mentions more people or channels in one message, unless to have us ask for their names. */
const mentionsMax = 50;
/** Names and guest status may be this old. */
const lifetimeMs = 60 * 60_000;

/** The names of one workspace. */
export interface WorkspaceNames {
  readonly self: SlackIdentity;
  /** @throws PlatformError; nothing is remembered of a failure */
  person(id: string): Promise<Person>;
  /**
   * Makes Slack's markup into what a person reads, with the names of the first `mentions` people, and of as many channels,
   * in all that it is given. A mention without its name is still a mention: nothing waits for it.
   */
  reader(mentions: number): (markup: string) => Promise<string>;
}

/** Finds the names of a workspace. @throws PlatformError while Slack does not say who we are there */
export type Names = (teamId: string) => Promise<WorkspaceNames>;

/** Makes the one memory of names. `now` is the clock that they grow old by. */
export function createNames(workspaces: Workspaces, now: () => number = Date.now): Names {
  const people = new ExpiringCache<Person>({ entries, lifetimeMs, now });
  const channels = new ExpiringCache<string>({ entries, lifetimeMs, now });

  return async (teamId) => {
    const { client, self } = await findSelf(workspaces, teamId);
    // Ids are unique within a workspace only.
    const person = (id: string) => people.get(`${teamId}/${id}`, () => askPerson(client, id, self));
    const channel = (id: string) => channels.get(`${teamId}/${id}`, () => askChannel(client, id));
    const reader = (mentions: number) => {
      const user = askedOf(mentions, async (id) => (await person(id)).name);
      const channelName = askedOf(mentions, channel);
      return (markup: string) => readMarkup(markup, { user, channel: channelName });
    };
    return { self, person, reader };
  };
}

/** Names the first `most` ids that it is given; the others, and those whose name cannot be had now, stay ids. */
function askedOf(most: number, ask: (id: string) => Promise<string>): (id: string) => Promise<string> {
  const asked = new Set<string>();
  return async (id) => {
    if (!asked.has(id) && asked.size >= most) return id;
    asked.add(id);
    return await ask(id).catch(() => id);
  };
}

/** Makes messages readable. */
export type MessageReader = (message: IncomingMessage, signal: AbortSignal) => Promise<ReadMessage>;

/** Makes the reader. */
export function createMessageReader(names: Names): MessageReader {
  return async (message, signal) => {
    signal.throwIfAborted();
    const { scope } = parseConversationId(message.conversation);
    const { self, person, reader } = await names(scope);
    const author = await person(message.author.id).catch((error: PlatformError) =>
      asStranger(message, error),
    );
    const text = await reader(mentionsMax)(withoutLeadingMention(message.text, self.botUserId));
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
    throw toPlatformError(error, { method: "auth.test", budget: undefined });
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
    throw toPlatformError(error, { method: "users.info", budget: undefined });
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

/** What somebody is to our workspace. On an Enterprise Grid a person's own team may be another one of the organisation's. */
export function membershipOf(user: UserInfo, { teamId }: SlackIdentity): ReadMessage["membership"] {
  const isOurs = user.team_id === teamId || user.enterprise_user?.teams?.includes(teamId) === true;
  if (user.is_stranger === true || !isOurs) return "stranger";
  return user.is_restricted === true || user.is_ultra_restricted === true ? "guest" : "member";
}
