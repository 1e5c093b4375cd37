/** Which of several endpoints a call goes to: the first that admits it soon; else it waits where that takes shortest. */

import type { Admission, Admitted, AdmittedCall, CallOrder } from "./admission.ts";
import type { Serving } from "./endpoints.ts";

/** A call before it is known who makes it. */
export type UnroutedOrder = Omit<CallOrder, "endpoint" | "model" | "soonOnly">;

/** What came of asking. */
export type Routed =
  | { readonly kind: "admitted"; readonly call: AdmittedCall; readonly serving: Serving }
  | Exclude<Admitted, { readonly kind: "admitted" }>;

/** How good it is to be told so, where nobody admits a call soon. */
const preference = ["later", "never", "closed", "too-large"] as const;
type Refused = Extract<Admitted, { readonly kind: (typeof preference)[number] }>;

/**
 * Asks `candidates` in order. A call waits in one line at a time.
 * @param signal ends the wait for a start that is booked
 * @throws only when Redis is out of reach
 */
export async function routeCall(
  admission: Admission,
  order: UnroutedOrder,
  candidates: readonly [Serving, ...Serving[]],
  signal: AbortSignal,
): Promise<Routed> {
  const ask = async (serving: Serving, soonOnly: boolean): Promise<Routed> => {
    const admitted = await admission.admit({ ...toOrder(order, serving), soonOnly }, signal);
    return admitted.kind === "admitted" ? { ...admitted, serving } : admitted;
  };
  if (candidates.length === 1) return await ask(candidates[0], false);
  const refusals: { readonly serving: Serving; readonly refused: Refused }[] = [];
  for (const [index, serving] of candidates.entries()) {
    const routed = await ask(serving, true);
    if (routed.kind === "admitted" || routed.kind === "ended") {
      const asked = refusals.filter(({ refused }) => isInLine(refused)).map((one) => one.serving);
      const unasked = candidates.slice(index + 1);
      if (routed.kind === "admitted") withdraw(admission, order, [...asked, ...unasked]);
      return routed;
    }
    refusals.push({ serving, refused: routed });
  }
  const best = refusals.reduce(
    (one, other) => (isBetter(other.refused, one.refused) ? other : one),
    refusals[0] as (typeof refusals)[number],
  );
  const left = refusals.filter((one) => one !== best && isInLine(one.refused));
  withdraw(
    admission,
    order,
    left.map(({ serving }) => serving),
  );
  if (best.refused.kind !== "later" || isInLine(best.refused)) return best.refused;
  return await ask(best.serving, false);
}

/** The call is not made at any of `from`: its places there are given up. */
export function withdraw(
  admission: Pick<Admission, "withdraw">,
  { fence }: Pick<UnroutedOrder, "fence">,
  from: readonly Serving[],
): void {
  for (const { endpoint, model } of from) admission.withdraw({ endpoint, model, fence });
}

function toOrder(order: UnroutedOrder, { endpoint, model }: Serving): CallOrder {
  return { ...order, endpoint, model };
}

function isInLine(refused: Refused): boolean {
  return refused.kind === "later" && refused.isInLine;
}

/** Equal is not better: the operator's order decides. */
function isBetter(one: Refused, other: Refused): boolean {
  if (one.kind !== other.kind) return preference.indexOf(one.kind) < preference.indexOf(other.kind);
  return waitOf(one) < waitOf(other);
}

function waitOf(refused: Refused): number {
  if (refused.kind === "too-large") return 0;
  return refused.kind === "closed" ? refused.forMs : refused.expectedMs;
}
