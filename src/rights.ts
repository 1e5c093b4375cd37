/** A part of the composition root: who may what, out of what is configured, stored, and said by the platforms. */

import type { Config } from "./config.ts";
import { personKinds, readEntry } from "./core/access.ts";
import { type AccessCheck, createAccessCheck } from "./core/access-check.ts";
import { type AnnounceDependencies, announce, recipientsOf } from "./core/commands/announce.ts";
import type { ConversationStore } from "./core/conversation-store.ts";
import { causeOf, type Events } from "./core/events.ts";
import { createPlaceRoles } from "./core/place-role.ts";
import type { AccessStore } from "./core/standing.ts";
import type { OpenQueue, Work } from "./queue/queue.ts";

/** What rights are made of. */
export interface RightsParts extends Pick<AnnounceDependencies, "timing"> {
  readonly queue: OpenQueue;
  readonly adapters: ReadonlyMap<string, Pick<AnnounceDependencies, "platform" | "responder" | "people">>;
  readonly events: AnnounceDependencies["events"] & Parameters<typeof createPlaceRoles>[0]["events"];
}

/** Who may use the bot and change what; what is decided about people reaches the admins of their platform. */
export function createRights(
  { access: rules }: Config,
  { queue, adapters, timing, events }: RightsParts,
): AccessCheck & { readonly announce: Work["announce"] } {
  const { access, requests, store, buttons } = queue;
  const peopleOf = (platform: string) => adapters.get(platform)?.people;
  const placeRole = createPlaceRoles({ peopleOf, timing, events });
  const shared = { rules, access, requests, store, buttons, timing, events };
  return {
    ...createAccessCheck({ rules, store: access, placeRole }),
    announce: async (news, from, told) => {
      const adapter = adapters.get(news.platform);
      if (!adapter) return { from, againMs: timing.brokenMs };
      return await announce({ ...adapter, ...shared }, news, from, told);
    },
  };
}

/** What gives people a role or takes it. */
export interface Decisions {
  readonly access: AccessStore;
  readonly claimOwnership: ConversationStore["claimOwnership"];
}

/**
 * The decisions about people; whoever becomes an owner or admin by one, or is one no more, is offered other commands at
 * once. That it could not be done is logged: the next start does it for those who are admins.
 */
export function createDecisions(
  { access: rules }: Config,
  {
    queue: { access, conversations },
    adapters,
    timing,
    events,
  }: RightsParts & { readonly events: Pick<Events, "callFailed"> },
): Decisions {
  const offer = async (text: string) => {
    const entry = readEntry(text, rules.forms, personKinds);
    if (!("kind" in entry)) return;
    const { platform, id } = entry;
    const people = adapters.get(platform)?.people;
    if (people === undefined) return;
    try {
      const admins = await recipientsOf({ rules, access, people }, platform, undefined);
      const isAdmin = admins.some(({ person }) => person === id);
      await people.offerCommands(id, isAdmin, AbortSignal.timeout(timing.callMs));
    } catch (error) {
      events.callFailed({
        platform,
        method: "offerCommands",
        outcome: "left as it is",
        cause: causeOf(error),
      });
    }
  };
  return {
    access: {
      ...access,
      change: async (change) => {
        const changed = await access.change(change);
        await offer(change.field);
        return changed;
      },
      undo: async (list, origin) => {
        const undone = await access.undo(list, origin);
        if (undone !== undefined) await offer(undone.name);
        return undone;
      },
    },
    claimOwnership: async (code, person, command) => {
      const isOwner = await conversations.claimOwnership(code, person, command);
      if (isOwner) await offer(person);
      return isOwner;
    },
  };
}

/** The platform's ids of the bot's owners and admins, where people are known by the same id in every place. */
export async function adminsOn(
  platform: string,
  { access: rules }: Config,
  { access }: OpenQueue,
): Promise<readonly string[]> {
  const recipients = await recipientsOf({ rules, access, people: { scope: "" } }, platform, undefined);
  return recipients.map(({ person }) => person);
}
