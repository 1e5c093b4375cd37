/** Whether a model can be chosen: it is allowed, and it answers. */

import { distance } from "fastest-levenshtein";
import type { ChatApi } from "../chat-api.ts";
import { ChatApiError } from "../errors.ts";
import type { ModelCatalogue } from "../model-catalogue.ts";
import { words } from "../words.ts";

/** @returns why `model` cannot be chosen, for the person who wants it; undefined when it can */
export type ModelCheck = (model: string) => Promise<string | undefined>;

/**
 * Asks the model for one token: a list of models says little of what a key may use, and some servers list none.
 * @param waitMs how long it may take
 */
export function createModelCheck(chatApi: ChatApi, catalogue: ModelCatalogue, waitMs: number): ModelCheck {
  return async (model) => {
    const signal = AbortSignal.timeout(waitMs);
    try {
      const request = { model, messages: [{ role: "user" as const, content: "Hi" }] };
      for await (const event of chatApi.stream({ ...request, parameters: { maxTokens: 1 } }, signal)) {
        if (event.kind === "left-out") continue;
        // Ended by our own clock, it has not answered.
        if (event.kind === "end" && signal.aborted) return words.settings.modelSilent(model);
        return undefined;
      }
      return words.settings.modelSilent(model);
    } catch (error) {
      if (!(error instanceof ChatApiError)) throw error;
      if (error.problem !== "model-not-found") return words.settings.modelFails(model, error.problem);
      return words.settings.modelUnknown(model, await similar(model, catalogue, signal));
    }
  };
}

/** Up to three offered models whose names come near. */
async function similar(model: string, catalogue: ModelCatalogue, signal: AbortSignal): Promise<string[]> {
  const offered = await catalogue.models(signal).catch(() => []);
  return offered
    .map(({ id }) => ({ id, far: distance(id.toLowerCase(), model.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(3, model.length / 2))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ id }) => id);
}
