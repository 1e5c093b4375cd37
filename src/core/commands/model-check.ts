/** Whether a model can be chosen, in words for the person who wants it. */

import { distance } from "fastest-levenshtein";
import { ChatApiError, type ChatApiProblem } from "../errors.ts";
import type { ModelCatalogue } from "../model-catalogue.ts";
import { words } from "../words.ts";
import { type Trying, type TryModelOptions, tryModel } from "./try-model.ts";

/** @returns why `model` cannot be chosen, for the person who wants it; undefined when it can */
export type ModelCheck = (model: string, trying: Trying) => Promise<string | undefined>;

/** Tries the model; one that nobody knows may have been meant for another one. */
export function createModelCheck(options: TryModelOptions, catalogue: ModelCatalogue): ModelCheck {
  const fails = async (model: string, problem: ChatApiProblem) => {
    if (problem !== "model-not-found") return words.settings.modelFails(model, problem);
    return words.settings.modelUnknown(
      model,
      await similar(model, catalogue, AbortSignal.timeout(options.waitMs)),
    );
  };
  return async (model, trying) => {
    try {
      const tried = await tryModel(options, model, trying);
      switch (tried.kind) {
        case "answered":
          return undefined;
        case "busy":
          return words.settings.modelBusy(model, tried.ms);
        case "silent":
          return words.settings.modelSilent(model);
        default:
          return await fails(model, tried.problem);
      }
    } catch (error) {
      if (!(error instanceof ChatApiError)) throw error;
      return await fails(model, error.problem);
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
