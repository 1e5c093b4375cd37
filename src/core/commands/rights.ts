/** Who may change settings of which scope. Pure. */

import type { ScopeKind } from "../settings/scopes.ts";

/**
 * What a person may change. A right belongs to a person, never to a chat.
 * `owner`: everything. `none`: nothing; looking is open to everybody.
 */
export type Right = "owner" | "none";

/** True when somebody with `right` may change settings of a scope. */
export function mayChange(right: Right, _scope: ScopeKind): boolean {
  return right === "owner";
}
