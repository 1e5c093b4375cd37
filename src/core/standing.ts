/** What is stored about somebody who asks and about the place where they do; `access.ts` decides by it. */

import type { Changed, ChangeOrigin, ChangeRecord } from "./settings/settings-store.ts";

/** What was decided by command about an entry. */
export type Decision = "allow" | "deny";

/** Everything stored that a decision about one asker rests on. */
export interface Standing {
  /** Made an owner by the one-time code. */
  readonly isOwner: boolean;
  /** Made an admin by command. */
  readonly isAdmin: boolean;
  /** An owner lets the platform's own admins of a place change its settings. */
  readonly trustsPlaceAdmins: boolean;
  /** What was decided about those entries that may concern the asker. */
  readonly decisions: ReadonlyMap<string, Decision>;
  /** The platform's id of the chat before it got the one that it has. */
  readonly formerChat: string | undefined;
}

/** Of somebody about whom nothing is stored. */
export const noStanding: Standing = {
  isOwner: false,
  isAdmin: false,
  trustsPlaceAdmins: false,
  decisions: new Map(),
  formerChat: undefined,
};

/** Who asks, and where, in the platform's own ids. */
export interface AskerIds {
  readonly platform: string;
  readonly scope: string;
  readonly chat: string;
  readonly author: string;
}

/**
 * What is kept of rights. `access`: entry → its {@link Decision}; `admins`: entry → `admin`, and
 * {@link placeAdminsField} → `true`. Values are JSON.
 */
export type AccessList = "access" | "admins";

/** The field of `admins` that is no entry: set while the admins of places may change their settings. */
export const placeAdminsField = "local";

/** One change of a list. */
export interface AccessChange {
  readonly list: AccessList;
  /** An entry as `ALLOW` takes it, or {@link placeAdminsField}. */
  readonly field: string;
  /** JSON; undefined takes the field out of the list. */
  readonly value: string | undefined;
  readonly origin: ChangeOrigin;
}

/** Rights as they are kept and recorded, like settings. One round trip each. */
export interface AccessStore {
  standing(asker: AskerIds): Promise<Standing>;
  /** All fields of a list, with their values. */
  all(list: AccessList): Promise<ReadonlyMap<string, string>>;
  /** The entries of those whom the one-time code has made owners. */
  owners(): Promise<readonly string[]>;
  /** Makes one change and records it, both or neither; once per command. */
  change(change: AccessChange): Promise<Changed>;
  /** Takes a list's newest change back that is not taken back yet. @returns it; undefined when there is none */
  undo(list: AccessList, origin: ChangeOrigin): Promise<ChangeRecord | undefined>;
  /** A list's newest changes, newest first. */
  records(list: AccessList, count: number): Promise<readonly ChangeRecord[]>;
}
