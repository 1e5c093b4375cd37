/** Where the adapter finds a workspace: whose client calls it, and who we are there. */

import type { SlackClient } from "./client.ts";
import { createIdentitySource, type IdentitySource } from "./identity.ts";

/** One workspace in which the app is installed. */
export interface Workspace {
  /** Calls with the workspace's own token. Short-lived: asked for again for each piece of work. */
  readonly client: SlackClient;
  /** Who we are there. */
  readonly identity: IdentitySource;
}

/** The workspaces, by the scope of an address. */
export interface Workspaces {
  /**
   * @param teamId the scope of a target's address; undefined where an event does not name its workspace
   * @throws when the workspace is not known, or not known at the moment
   */
  find(teamId: string | undefined): Promise<Workspace>;
  /** True when the app is installed, with a token that we hold, in one of these workspaces. @throws when not known at the moment */
  serves(teamIds: readonly string[]): Promise<boolean>;
  /** Makes sure of what is set. @throws while Slack has not confirmed it; to be asked again */
  confirm(): Promise<void>;
  /**
   * The app was uninstalled or its token revoked. @param atMs by Slack's clock: what was installed later stays
   * @throws when that could not be written; Slack must then deliver again
   */
  left(teamId: string, atMs: number): Promise<void>;
}

/** The one workspace whose tokens the operator has set: nothing is stored, every id leads to it. */
export function createOnlyWorkspace(client: SlackClient): Workspaces {
  const workspace = { client, identity: createIdentitySource(client) };
  return {
    find: async () => workspace,
    serves: async (teamIds) => teamIds.includes((await workspace.identity()).teamId),
    confirm: async () => {
      await workspace.identity();
    },
    // The operator who has set the token sets the next one; nothing is deleted meanwhile.
    left: async () => undefined,
  };
}
