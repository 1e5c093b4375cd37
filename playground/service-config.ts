/** The service's configuration in the playground: what an operator would set to reach the simulated platforms. */

import type { OpenAiConfig } from "../src/config/openai.ts";
import { formatProblems } from "../src/config/problems.ts";
import { type Config, readConfig } from "../src/config.ts";
import { variablesOf, type Ways } from "./ways.ts";
import { adminAmong, type World } from "./world.ts";

/** Who answers, and how the service talks with the platforms. */
export interface ServiceChoices {
  /** Undefined: `config.openai` answers. */
  readonly demo: ModelAddress | undefined;
  readonly ways: Ways;
}

/** A running demo model, as far as its client is concerned. */
export interface ModelAddress {
  readonly url: string;
  readonly model: string;
}

/** Connects `config` to the simulators and, without a model of its own, to the demo model. */
export function toServiceConfig(config: Config, world: World, choices: ServiceChoices): Config {
  const { demo } = choices;
  const simulated = readSimulated(world, choices);
  const openai: OpenAiConfig | undefined = demo === undefined ? config.openai : simulated.openai;
  return {
    ...config,
    role: "all",
    telegram: simulated.telegram,
    slack: simulated.slack,
    openai,
    access: simulated.access,
    // The page has the configured port; nobody asks for the health of a playground.
    listen: { host: "127.0.0.1", port: 0 },
    // Ctrl-C ends at once: what is being answered goes on at the next start.
    shutdownGraceMs: 0,
  };
}

/** Read like an operator's settings, so that the playground runs with the same defaults. */
function readSimulated(world: World, { demo, ways }: ServiceChoices): Config {
  const { telegram, slack } = world;
  const result = readConfig(
    {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_API_URL: slack.url,
      OPENAI_BASE_URL: demo?.url ?? "http://127.0.0.1:9/v1",
      OPENAI_MODEL: demo?.model ?? "none",
      ALLOW: "telegram:*",
      ADMINS: adminsOf(world),
      ...variablesOf(ways, world),
    },
    "",
  );
  if ("problems" in result) throw new Error(formatProblems(result.problems));
  return result.config;
}

function adminsOf({ cast, slack }: World): string {
  return `telegram:${adminAmong(cast.telegram.people)},slack:${slack.teamId}/${adminAmong(cast.slack.people)}`;
}
