/** What is wrong with a configuration, put so that its reader can mend it; secrets never appear. */

import { closest } from "fastest-levenshtein";

/** One thing to mend. */
export interface Problem {
  /** The variable's name. */
  readonly name: string;
  /** What is wrong, as a clause that follows the name. */
  readonly message: string;
  /** What was found, masked where it is or looks like a secret; absent when nothing was set. */
  readonly got?: string;
  /** A line that would be right. */
  readonly example?: string;
  /** True when a list of the model server's models would help. */
  readonly wantsModels?: boolean;
}

/** Kinds of secrets that can be told by their look. The longer prefixes stand before the shorter ones. */
const kinds: readonly { readonly pattern: RegExp; readonly kind: string }[] = [
  { pattern: /xoxb-/, kind: "a Slack bot token" },
  { pattern: /xapp-/, kind: "a Slack app token" },
  { pattern: /xox[a-z](\.xox[a-z])?-/, kind: "a Slack token of another kind" },
  { pattern: /\bsk-[\w-]{8,}/, kind: "an OpenAI key" },
  { pattern: /\d{6,}:[\w-]{30,}/, kind: "a Telegram bot token" },
];

/** Which kind of secret `text` looks like, in words; undefined when like none. */
export function secretKind(text: string): string | undefined {
  return kinds.find(({ pattern }) => pattern.test(text))?.kind;
}

/** How a value may be shown: what looks like a secret by its kind and length only, anything else cut to one line. */
export function showValue(text: string, secret: boolean): string {
  const kind = secretKind(text);
  if (kind !== undefined) return `what looks like ${kind} (length ${text.length}, not shown)`;
  if (secret) return `a value that is not shown (length ${text.length})`;
  const oneLine = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "�").replaceAll(/\/\/[^/@\s]*@/g, "//[secret]@");
  return JSON.stringify(oneLine.length > 80 ? `${oneLine.slice(0, 80)}…` : oneLine);
}

/** The problem of a name that nobody reads, with the known name it is nearest to. */
export function unknownName(name: string, known: readonly string[]): Problem {
  return { name, message: `is not a setting of Parley. Nearest: ${closest(name, known)}.` };
}

/** The whole report, ready for a terminal; ends without a line break. */
export function formatProblems(problems: readonly Problem[]): string {
  const head =
    problems.length === 1
      ? "Parley cannot start: one setting needs attention."
      : `Parley cannot start: ${problems.length} settings need attention.`;
  return [head, ...problems.map(formatProblem), "All settings: docs/configuration.md"].join("\n\n");
}

/**
 * Adds to problems that want it which models the server offers: at most 20, or why they cannot be listed.
 * @param listModels asks `GET /models`; undefined when it cannot be asked with what is configured
 */
export async function withModels(
  problems: readonly Problem[],
  listModels: (() => Promise<readonly string[]>) | undefined,
): Promise<readonly Problem[]> {
  if (listModels === undefined || !problems.some(({ wantsModels }) => wantsModels)) return problems;
  const offer = await listModels().then(describeModels, (error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    return `The server could not be asked for its models: ${secretKind(cause) === undefined ? cause : "refused"}`;
  });
  return problems.map((problem) =>
    problem.wantsModels ? { ...problem, message: `${problem.message} ${offer}` } : problem,
  );
}

function describeModels(models: readonly string[]): string {
  if (models.length === 0) return "The server lists no models.";
  const some = models.length > 20 ? ", among others" : "";
  return `The server offers${some}:\n      ${models.slice(0, 20).join("\n      ")}`;
}

function formatProblem({ name, message, got, example }: Problem): string {
  const lines = [`  ${name} ${message}`];
  if (got !== undefined) lines.push(`    got:     ${got}`);
  if (example !== undefined) lines.push(`    example: ${example}`);
  return lines.join("\n");
}
