/** What the operator has configured, as the settings that others lie over. */

import type { Config } from "./config.ts";
import type { Streaming } from "./core/platform/reply-target.ts";
import { usualBehaviour } from "./core/settings/declarations.ts";
import type { ConfiguredSettings } from "./core/settings/turn-settings.ts";

/** What the operator has configured, which settings lie over: the same on every platform but for how the bot behaves. */
export function createConfigured(
  { telegram, slack, context }: Config,
  model: string,
): (platform: string) => ConfiguredSettings {
  const usual = { ...usualBehaviour, model, systemPrompt: context.systemPrompt };
  const streaming = new Map<string, Streaming>([
    ["telegram", telegram?.streaming === "draft" ? "native" : "edit"],
    ["slack", slack?.streaming ?? "edit"],
  ]);
  return (platform) => ({
    ...usual,
    streaming: streaming.get(platform) ?? usual.streaming,
    threads: platform === "slack" && slack ? slack.threads : usual.threads,
  });
}
