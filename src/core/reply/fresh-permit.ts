/** Asks for leave to make a call so that the answer still holds when the call is made. */

import type { Fence, Permit, PermitRequest, TurnStore } from "../turn-store.ts";

/** A permit as whoever makes the call meets it. */
export type UsablePermit = Exclude<Permit, { kind: "intended" }>;

/**
 * Asks again when the answer took longer than `permitMs` on either clock: a process frozen in between may have lost its
 * turn. A noted intent that the run did not know is its own, of a permit whose answer was lost with the connection:
 * earlier runs' intents came with the turn, and no other run passes the fence.
 */
export async function askFreshPermit(
  store: Pick<TurnStore, "permit">,
  fence: Fence,
  request: PermitRequest,
  permitMs: number,
): Promise<UsablePermit> {
  let { page } = request;
  for (;;) {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    const permit = await store.permit(fence, page ? { ...request, page } : request);
    const ageMs = Math.max(performance.now() - monotonicMs, Math.abs(Date.now() - wallMs));
    const isFresh = permit.kind !== "granted" || ageMs <= permitMs;
    if (permit.kind !== "intended" && isFresh) return permit;
    if (page) page = { ...page, intentKnown: true };
  }
}
