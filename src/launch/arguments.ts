/** The command line: what is asked of the program. */

import { Command, CommanderError, Option } from "commander";

/** What is to be done. */
export type Task =
  /** Serve, or open the playground; `model`: with the configured model instead of the demo one. */
  | { readonly kind: "start"; readonly model: boolean }
  /** Try everything out and report. */
  | { readonly kind: "check" }
  /** Nothing more: help was printed, or a mistake was reported. */
  | { readonly kind: "exit"; readonly code: number };

/**
 * Reads the arguments after `node` and the program. Help and mistakes are written by commander.
 * @param say writes to the terminal; commander's own way when absent
 */
export function parseArguments(args: readonly string[], say?: (text: string) => void): Task {
  let task: Task = { kind: "start", model: false };
  const program = new Command("parley")
    .description(
      "Puts an OpenAI-compatible chat model into Telegram and Slack. Settings: docs/configuration.md",
    )
    .exitOverride()
    .showHelpAfterError()
    .addOption(new Option("--model", "playground: use the configured model instead of the demo one"))
    .action((options: { model?: boolean }) => {
      task = { kind: "start", model: options.model === true };
    });
  program
    .command("check")
    .description("try out tokens, model and Redis without serving anybody")
    .exitOverride()
    .action(() => {
      task = { kind: "check" };
    });
  if (say !== undefined) {
    for (const command of [program, ...program.commands])
      command.configureOutput({ writeOut: say, writeErr: say });
  }
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { kind: "exit", code: error.exitCode };
    throw error;
  }
  return task;
}
