/** The workspaces in which the app was installed by OAuth: their tokens come from the store of installations. */

import { setTimeout as sleep } from "node:timers/promises";
import { causeOf, type Events } from "../../core/events.ts";
import type { InstallationStore, Place } from "../../core/installations.ts";
import { platformName } from "./address.ts";
import type { SlackClient } from "./client.ts";
import { type Credentials, parseCredentials, toIdentity, tokensIn } from "./credentials.ts";
import { WorkspaceGone, WorkspaceUnknown } from "./errors.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { isDue, type RenewalParts, renewToken } from "./renew-token.ts";
import type { Workspace, Workspaces } from "./workspaces.ts";

/** What they are made of. */
export interface InstalledWorkspacesParts extends RenewalParts {
  /** Without a token; each workspace's client shares its sockets. */
  readonly client: SlackClient;
  readonly installations: InstallationStore;
  readonly events: Events;
}

interface Known extends Workspace {
  readonly credentials: Credentials;
}

/** Workspaces of one process that are remembered. */
const entries = 5_000;

/** Slack's clock and ours may differ by this. */
const clockSkewMs = 5_000;

/**
 * Makes the source. What it knows follows every install and uninstall at once, and is never older than
 * `timing.installationMs`; a workspace that is not known is asked for each time.
 */
export function createInstalledWorkspaces(parts: InstalledWorkspacesParts): Workspaces {
  const { installations, timing, events } = parts;
  const cache = new ExpiringCache<Known>({ entries, lifetimeMs: timing.installationMs, now: Date.now });
  const renewals = new Renewals(parts);
  installations.onChange((place) => {
    if (place === undefined) cache.clear();
    else if (place.platform === platformName) cache.forget(place.scope);
  });
  const known = (teamId: string) => cache.get(teamId, () => load(parts, teamId));
  return {
    find: async (teamId) => {
      if (teamId === undefined) throw new WorkspaceGone("an unnamed workspace");
      const found = await known(teamId);
      if (!isDue(found.credentials, Date.now())) return found;
      const renewing = renewals.of(teamId);
      if (!isOver(found.credentials, Date.now())) return found;
      await renewing;
      cache.forget(teamId);
      const renewed = await known(teamId);
      if (isOver(renewed.credentials, Date.now())) throw new WorkspaceUnknown(`${teamId}: its token is over`);
      return renewed;
    },
    serves: async (teamIds) => {
      for (const teamId of teamIds) if (await isKnown(known, teamId)) return true;
      return false;
    },
    // Who installs it comes later.
    confirm: async () => undefined,
    left: async (teamId, atMs) => {
      const place = placeOf(teamId);
      const dropped = await installations.drop(place, atMs + clockSkewMs);
      cache.forget(teamId);
      if (dropped) events.placeLeft(place);
    },
  };
}

async function isKnown(known: (teamId: string) => Promise<Known>, teamId: string): Promise<boolean> {
  try {
    await known(teamId);
    return true;
  } catch (error) {
    if (error instanceof WorkspaceGone) return false;
    throw error;
  }
}

function placeOf(teamId: string): Place {
  return { platform: platformName, scope: teamId };
}

async function load(
  { installations, client, events }: InstalledWorkspacesParts,
  teamId: string,
): Promise<Known> {
  const found = await installations.find(placeOf(teamId)).catch((cause: unknown) => {
    throw new WorkspaceUnknown(`${teamId}: ${causeOf(cause)}`, { cause });
  });
  if (found === undefined) throw new WorkspaceGone(teamId);
  const credentials = parseCredentials(found.credentials);
  events.conceal(tokensIn(credentials));
  const identity = toIdentity(credentials);
  return { client: client.as(credentials.botToken), identity: async () => identity, credentials };
}

/** True when Slack takes the token no more. */
function isOver({ expiresAtMs }: Credentials, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

/** One renewal at a time for each workspace, and after a failure none for a while. */
class Renewals {
  readonly #parts: InstalledWorkspacesParts;
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: InstalledWorkspacesParts) {
    this.#parts = parts;
  }

  /** Resolves when the token is renewed, or when that takes longer than a call may wait for it. Never rejects. */
  async of(teamId: string): Promise<void> {
    const running = this.#running.get(teamId) ?? this.#start(teamId);
    const patience = new AbortController();
    const late = sleep(this.#parts.timing.redisCommandMs, undefined, { signal: patience.signal });
    await Promise.race([running, late.catch(() => undefined)]);
    patience.abort();
  }

  #start(teamId: string): Promise<void> {
    const running = this.#renew(teamId);
    this.#running.set(teamId, running);
    return running;
  }

  async #renew(teamId: string): Promise<void> {
    const { events, timing } = this.#parts;
    const place = placeOf(teamId);
    try {
      await renewToken(this.#parts, place);
      this.#running.delete(teamId);
    } catch (error) {
      events.credentialsFailed({ ...place, cause: causeOf(error) });
      // Until then whoever asks is given this failure.
      setTimeout(() => this.#running.delete(teamId), timing.brokenMs).unref();
    }
  }
}
