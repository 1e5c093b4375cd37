/** The chat APIs that turns may call, in the operator's order: who serves which model, and what all of them offer. */

import type { ChatApi } from "./chat-api.ts";
import { ChatApiError, type ChatApiProblem } from "./errors.ts";
import type { ModelCatalogue, ModelInfo } from "./model-catalogue.ts";

/** One server under one account. */
export interface Endpoint {
  /** See `CallOrder`. */
  readonly id: string;
  readonly chatApi: ChatApi;
  readonly catalogue: ModelCatalogue;
  /** Our names of the models that it serves → its own names; undefined: whatever is asked for. */
  readonly models: ReadonlyMap<string, string> | undefined;
}

/** An endpoint as the server of one model. */
export interface Serving {
  readonly endpoint: string;
  /** What it calls the model. */
  readonly model: string;
  readonly chatApi: ChatApi;
}

/** All endpoints together. */
export interface Endpoints extends Pick<ChatApi, "contextWindow">, ModelCatalogue {
  /** Who serves `model`, in the operator's order. @throws ChatApiError when nobody does */
  serving(model: string): readonly [Serving, ...Serving[]];
  /** True: what fails at one may go to another, and no client asks again by itself. */
  readonly areSeveral: boolean;
}

/** What another server may do better: the request is not at fault. */
const faults: ReadonlySet<ChatApiProblem> = new Set(["unreachable", "overloaded", "silent"]);

/** True when a server failed, rather than refused a request, a key or a model. */
export function isFault(problem: ChatApiProblem): boolean {
  return faults.has(problem);
}

/** Brings `all` together; at least one. */
export function createEndpoints(all: readonly Endpoint[]): Endpoints {
  const serving: Endpoints["serving"] = (model) => {
    const [first, ...others] = all.flatMap(({ id, chatApi, models }) => {
      const name = models === undefined ? model : models.get(model);
      return name === undefined ? [] : [{ endpoint: id, model: name, chatApi }];
    });
    if (first !== undefined) return [first, ...others];
    throw new ChatApiError("model-not-found", `No endpoint serves the model ${model}.`, "never");
  };
  return {
    serving,
    areSeveral: all.length > 1,
    contextWindow: (model) => contextWindow(model, all, serving),
    models: (signal) => offers(all, signal),
  };
}

/** What is known of our name, or else the least that is known of a server's. */
function contextWindow(model: string, [any]: readonly Endpoint[], serving: Endpoints["serving"]): number {
  const windowOf = (name: string) => any?.chatApi.contextWindow(name) ?? 0;
  try {
    return Math.max(windowOf(model), Math.min(...serving(model).map((one) => windowOf(one.model))));
  } catch {
    // Nobody serves it: whoever asks for an answer is told so.
    return windowOf(model);
  }
}

/** The models of all that answer; an endpoint whose models are named is not asked. */
async function offers(all: readonly Endpoint[], signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const lists = await Promise.allSettled(
    all.map(async ({ models, catalogue }) =>
      models === undefined ? await catalogue.models(signal) : [...models.keys()].map((id) => ({ id })),
    ),
  );
  const told = lists.flatMap((list) => (list.status === "fulfilled" ? [list.value] : []));
  const failed = lists.find((list) => list.status === "rejected");
  if (told.length === 0 && failed) throw failed.reason;
  const byId = new Map<string, ModelInfo>();
  for (const model of told.flat()) if (!byId.has(model.id)) byId.set(model.id, model);
  return [...byId.values()];
}
