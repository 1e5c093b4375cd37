/** What a start needs before anything is served: the configuration, or a report of what is wrong with it. */

import type { OpenAiAccess } from "../config/endpoints.ts";
import { formatProblems, withModels } from "../config/problems.ts";
import { type Config, loadConfig, type ReadOptions } from "../config.ts";
import { StartRefused } from "./refusal.ts";

/** Asks the chat API which models it has. */
export type ListModels = (access: OpenAiAccess, signal: AbortSignal) => Promise<readonly string[]>;

/** How long the list of models is waited for. */
const listMs = 10_000;

/**
 * Reads the configuration from the environment and the `.env` in `folder`.
 * @throws StartRefused with the whole report
 */
export async function requireConfig(
  folder: string,
  listModels: ListModels,
  options: ReadOptions = {},
): Promise<Config> {
  const result = loadConfig(folder, options);
  if ("config" in result) return result.config;
  const { problems, access } = result;
  const list = access === undefined ? undefined : () => listModels(access, AbortSignal.timeout(listMs));
  throw new StartRefused(formatProblems(await withModels(problems, list)));
}
