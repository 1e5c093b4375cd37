/** Which models the chat API offers; the answer is kept for a while. */

import type { ModelCatalogue, ModelInfo } from "../../core/model-catalogue.ts";
import type { Timing } from "../../core/timing.ts";
import type { Client } from "./client.ts";
import { toChatApiError, toFailure } from "./errors.ts";
import { limits } from "./limits.ts";

/** What an id may look like: it is shown to people and sent back as a setting. */
const id = /^[\p{L}\p{N}][\p{L}\p{N}\p{P}\p{S}]{0,199}$/u;

/** Makes the catalogue; nothing is asked before the first look. */
export function createCatalogue(
  client: Client,
  timing: Pick<Timing, "modelsMs" | "chatRetryMs">,
): ModelCatalogue {
  let kept: { readonly atMs: number; readonly models: Promise<readonly ModelInfo[]> } | undefined;
  return {
    models: (signal) => {
      if (kept !== undefined && performance.now() - kept.atMs < timing.modelsMs) return kept.models;
      const asked = { atMs: performance.now(), models: askForModels(client, timing.chatRetryMs, signal) };
      // A failure is not kept: the next one who looks asks again.
      asked.models.catch(() => {
        if (kept === asked) kept = undefined;
      });
      kept = asked;
      return asked.models;
    },
  };
}

async function askForModels(
  client: Client,
  timeout: number,
  signal: AbortSignal,
): Promise<readonly ModelInfo[]> {
  try {
    const page = await client.openai.models.list({ signal, timeout });
    return page.data
      .filter((model) => typeof model.id === "string" && id.test(model.id))
      .slice(0, limits.models)
      .map((model) => toModelInfo(model.id, model.shutdown_date));
  } catch (error) {
    throw toChatApiError(toFailure(error), "(any)", client.origin);
  }
}

/** Servers write the day as a date or as a time. */
function toModelInfo(id: string, shutdown: unknown): ModelInfo {
  const date = typeof shutdown === "string" ? /^\d{4}-\d{2}-\d{2}/.exec(shutdown)?.[0] : undefined;
  return date === undefined ? { id } : { id, shutdownDate: date };
}
