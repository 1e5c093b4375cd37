/** What the platform's own roles make of somebody in a place: asked when it matters, remembered for seconds. */

import type { Asker } from "./access.ts";
import type { PlaceRole } from "./access-check.ts";
import { causeOf, type Events } from "./events.ts";
import type { PlatformPeople } from "./platform/people.ts";
import type { Timing } from "./timing.ts";

/** What asking needs. */
export interface PlaceRoleOptions {
  readonly peopleOf: (platform: string) => PlatformPeople | undefined;
  readonly timing: Pick<Timing, "callMs" | "placeRoleMs">;
  readonly events: Pick<Events, "placeRoleUnknown">;
}

/** So many answers are remembered at once. */
const entries = 1_000;

/** Makes the question; a failure means that somebody has no role, and is not remembered. */
export function createPlaceRoles(
  options: PlaceRoleOptions,
): (asker: Asker) => Promise<PlaceRole | undefined> {
  const { timing, events } = options;
  const known = new Map<string, { readonly role: PlaceRole | undefined; readonly untilMs: number }>();
  return async (asker) => {
    const { platform, scope, chat, author } = asker;
    const key = JSON.stringify([platform, scope, chat, author]);
    const remembered = known.get(key);
    if (remembered && remembered.untilMs > performance.now()) return remembered.role;
    const people = options.peopleOf(platform);
    try {
      const address = { platform, scope, chat };
      const role = await people?.roleOf(address, author, AbortSignal.timeout(timing.callMs));
      if (known.size >= entries) known.clear();
      known.set(key, { role, untilMs: performance.now() + timing.placeRoleMs });
      return role;
    } catch (error) {
      events.placeRoleUnknown({ platform, cause: causeOf(error) });
      return undefined;
    }
  };
}
