/** The settings as documentation: `docs/configuration.md` and `.env.example`. Pure. */

import { groups } from "./declare.ts";
import { factsOf, type SettingName, settingNames } from "./settings.ts";

const intro = `# Configuration

Settings come from the environment and from a file \`.env\` in the folder of this project; the environment wins, and an
empty value counts as unset. Durations are whole milliseconds. Mistakes are reported all at once, each with what was
found and an example; a name in \`.env\` that Parley does not know, or a \`TELEGRAM_…\` or \`SLACK_…\` variable that it does
not know, is a mistake too. \`npm run check\` tries everything out without serving anybody.

With no \`TELEGRAM_…\` and \`SLACK_…\` variable \`npm start\` opens the playground; with one, it serves exactly the platforms
that are set.

This file is generated from the settings in \`src/config\` by \`npm run docs\`.
`;

const notes: Partial<Record<(typeof groups)[number], string>> = {
  Redis: `Parley keeps everything in Redis 6.2 or newer (or Valkey), and promises that nothing accepted is lost only if Redis
keeps it: \`appendonly yes\`, \`appendfsync always\`, \`maxmemory-policy noeviction\`; \`hz 100\` makes wake-ups faster. A value
that is known to be wrong stops the start (see \`REDIS_UNSAFE\`); one that cannot be read is a warning.
`,
  Patience: `How much is taken on. What is beyond a limit is left out and its author told, once a minute; 0 is no limit.
`,
  "Starting rates": `Written \`20/min\`, \`1/s\` or \`off\`. Parley never makes more calls than that in any minute or second: a tenth of
them may go at once after a quiet time, and the rest is spread; below \`10/s\`, three may go at once. All processes share a
rate, final texts go before previews, and the answers that are being written share evenly what is left. After a refusal
(HTTP 429) nothing is called for exactly the time that it names, and the rate is lower for a while: two thirds, of which
half the way back is made every five minutes. \`off\` means that only refusals are obeyed.
`,
};

/** The whole of `docs/configuration.md`. */
export function configurationDocument(): string {
  return [intro, ...groups.map(groupSection)].join("\n");
}

function groupSection(group: (typeof groups)[number]): string {
  const note = notes[group];
  const sections = namesOf(group).map(settingSection);
  return [`## ${group}\n`, ...(note === undefined ? [] : [note]), ...sections].join("\n");
}

function settingSection(name: SettingName): string {
  const { about, example, fallback } = factsOf(name);
  const unset = fallback === undefined ? "No default." : `Default: \`${fallback}\`.`;
  return `### ${name}\n\n${about}\n\n${unset} Example: \`${name}=${example}\`\n`;
}

/** The whole of `.env.example`: every setting, commented out, with its default or an example. */
export function exampleEnvironment(): string {
  const head =
    "# Copy to .env and take the # away where you set something. docs/configuration.md says what each one does.\n";
  return [head, ...groups.map(groupLines)].join("\n");
}

function groupLines(group: (typeof groups)[number]): string {
  const lines = namesOf(group).map((name) => {
    const { example, fallback } = factsOf(name);
    return `# ${name}=${fallback === undefined ? example : quoted(fallback)}`;
  });
  return `# --- ${group} ---\n${lines.join("\n")}\n`;
}

function namesOf(group: (typeof groups)[number]): readonly SettingName[] {
  return settingNames.filter((name) => factsOf(name).group === group);
}

function quoted(value: string): string {
  return /[\s#]/.test(value) ? JSON.stringify(value) : value;
}
