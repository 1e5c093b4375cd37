/** The port to stored settings and the record of their changes. Kept in Redis by `src/queue`. */

import type { ConversationId, MessageId } from "../conversation.ts";
import type { SettingName } from "./declarations.ts";
import type { SettingsLayer } from "./effective.ts";
import type { SettingsScope } from "./scopes.ts";

/** Who changes something, where and when: what the record keeps beside the change. */
export interface ChangeOrigin {
  /** The command or button that asks for it: carried out once, however often it is delivered. */
  readonly id: MessageId;
  /** The person's entry, as `ADMINS` would name them. */
  readonly person: string;
  readonly conversation: ConversationId;
  readonly atMs: number;
}

/** One change to make. */
export interface SettingChange {
  readonly scope: SettingsScope;
  readonly name: SettingName;
  /** JSON; undefined removes it, so that a wider scope counts. */
  readonly value: string | undefined;
  readonly origin: ChangeOrigin;
}

/** One change that was made. */
export interface ChangeRecord {
  readonly scope: string;
  readonly name: string;
  /** JSON before and after; undefined where the scope did not set it. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly person: string;
  readonly conversation: string;
  readonly atMs: number;
  /** True for a change that took an earlier one back. */
  readonly undo: boolean;
}

/** What came of a change. `same`: it was so already, nothing is recorded. */
export type Changed =
  | { readonly kind: "changed"; readonly from: string | undefined }
  | { readonly kind: "same" };

/** Settings as they are kept. One round trip each. */
export interface SettingsStore {
  /** What is set in each of these scopes, in their order. */
  read(scopes: readonly SettingsScope[]): Promise<readonly SettingsLayer[]>;
  /** Makes one change and records it, both or neither. */
  change(change: SettingChange): Promise<Changed>;
  /**
   * Takes the newest change of a scope back that is not taken back yet.
   * @param except a setting whose changes are passed over
   * @returns it; undefined when there is none
   */
  undo(scope: SettingsScope, origin: ChangeOrigin, except?: SettingName): Promise<ChangeRecord | undefined>;
  /** The newest changes of a scope, newest first. */
  records(scope: SettingsScope, count: number): Promise<readonly ChangeRecord[]>;
}
