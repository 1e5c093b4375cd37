/** What the terminal says about the playground. */

import { styleText } from "node:util";

/** What there is to say. */
export interface Welcome {
  readonly url: string;
  /** The port that was wished for and is taken; undefined when the page has it. */
  readonly takenPort: number | undefined;
  readonly model: string;
  readonly isDemo: boolean;
  readonly isRestored: boolean;
  readonly warnings: readonly string[];
  /** The log file, relative to where the reader is. */
  readonly logFile: string;
}

/** The text after the start. */
export function welcome(facts: Welcome): string {
  const { url, takenPort, isDemo, isRestored, model } = facts;
  const taken = takenPort === undefined ? "" : `   ${dim(`(port ${takenPort} is taken)`)}`;
  const brain = isDemo ? "The model is a demo that knows nothing." : `The model is ${model}, for real.`;
  const lines = [
    "",
    `${bold("Parley playground")}   ${styleText(["bold", "underline"], url)}${taken}`,
    "",
    "Type there as a person would: a Telegram chat and group on the left, a Slack channel with",
    "threads and a direct message on the right. The service behind the page is the real one, with",
    "its real grammY and Bolt clients; only the two platforms are simulated.",
    brain,
    isRestored ? "The conversations of your last visit are there." : "",
    "",
    bold("The real thing"),
    ...steps(isDemo),
    "",
    dim(`Log: ${facts.logFile}   Ctrl-C ends everything; the conversations stay.`),
    "",
  ];
  const warnings = facts.warnings.map((warning) => `${bold("Note:")} ${warning}`);
  return [...warnings, ...lines]
    .filter((line, index, all) => line !== "" || all[index - 1] !== "")
    .join("\n");
}

function steps(isDemo: boolean): readonly string[] {
  const model = ["Model", "OPENAI_API_KEY, OPENAI_MODEL in .env", "then npm start -- --model"] as const;
  const all = [
    ...(isDemo ? [model] : []),
    ["Telegram", "TELEGRAM_BOT_TOKEN in .env", "from @BotFather (docs/telegram.md)"],
    ["Slack", "SLACK_BOT_TOKEN, SLACK_APP_TOKEN", "app from slack-manifest.yaml (docs/slack.md)"],
  ] as const;
  const rows = all.map(([what, set, how]) => `  ${what.padEnd(10)}${set.padEnd(38)}${dim(how)}`);
  return [
    ...rows,
    dim("  With a platform's token set, npm start serves that platform instead of this page."),
  ];
}

function bold(text: string): string {
  return styleText("bold", text);
}

function dim(text: string): string {
  return styleText("dim", text);
}
