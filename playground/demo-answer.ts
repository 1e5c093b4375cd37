/** What the demo model says: pure, the same for the same conversation, and made of what the person wrote. */

/** One message of a chat request. */
export interface DemoMessage {
  readonly role: string;
  readonly content: string;
}

/** The answer to a conversation whose last message is a person's. Markdown. */
export function demoAnswer(messages: readonly DemoMessage[]): string {
  const said = messages
    .filter((message) => message.role === "user")
    .flatMap((message) => toSaid(message.content));
  const last = said.at(-1) ?? { name: undefined, text: "" };
  const before = said.slice(0, -1).filter((one) => !isSmallTalk(one.text));
  const isFirst = !messages.some((message) => message.role === "assistant");
  const topic = toTopic(last.text);

  if (greeting.test(last.text)) return greet(last.name, isFirst, before);
  if (thanks.test(last.text)) return pick(["You are welcome!", "Any time.", "Glad it helped."], last.text);
  if (memory.test(last.text)) return remember(before);
  const paragraphs = long.test(last.text) ? longAnswer(topic) : usualAnswer(topic, before);
  return [...paragraphs, isFirst ? about : "_(the demo model)_"].join("\n\n");
}

const greeting =
  /^(?:hi|hello|hey|hallo|moin|servus|hola|salut|ciao|good (?:morning|evening|day))\b.{0,20}$/iu;
const thanks = /^(?:thanks|thank you|thx|danke|merci|gracias|great|nice|ok|okay|cool)\b.{0,20}$/iu;
const memory =
  /\b(?:remember|what did i (?:ask|say|write)|asked (?:before|earlier)|my (?:first|last) (?:question|message))\b/iu;
const long = /\b(?:long|essay|story|chapter|detail(?:s|ed)?|pages)\b/iu;

const about =
  "_I am only Parley's demo model: I repeat what you write in nice words and know nothing. For real answers put " +
  "`OPENAI_API_KEY` and `OPENAI_MODEL` into `.env` and run `npm start -- --model`._";

/** What one person said. In groups each message begins with its author's name. */
interface Said {
  readonly name: string | undefined;
  readonly text: string;
}

/** Messages in a row arrive as one, with blank lines between; names tell them apart. */
function toSaid(content: string): readonly Said[] {
  return content.split(/\n\n(?=[^\s:][^:\n]{0,63}: )/u).map((part) => {
    const named = /^(?<name>\p{Lu}[^:\n]{0,63}): (?<text>.+)$/su.exec(part);
    return { name: named?.groups?.name, text: (named?.groups?.text ?? part).trim() };
  });
}

function isSmallTalk(text: string): boolean {
  return greeting.test(text) || thanks.test(text) || memory.test(text);
}

function greet(name: string | undefined, isFirst: boolean, before: readonly Said[]): string {
  const hello = name === undefined ? "Hello!" : `Hello ${name}!`;
  if (isFirst) return `${hello} Ask me anything, and watch the answer grow.\n\n${about}`;
  const recent = before.at(-1);
  return recent === undefined
    ? `${hello} What shall we talk about?`
    : `${hello} Still about “${quote(recent.text)}”?`;
}

function remember(before: readonly Said[]): string {
  if (before.length === 0) return "You have not asked me anything in this conversation yet.";
  const lines = before
    .slice(-10)
    .map((one, index) => `${index + 1}. ${one.name ? `${one.name}: ` : ""}“${quote(one.text)}”`);
  return [
    `So far you have asked, oldest first:`,
    lines.join("\n"),
    "That is all I was shown of this conversation.",
  ].join("\n\n");
}

/** What a message is about. */
interface Topic {
  readonly quote: string;
  /** At least three. */
  readonly keywords: readonly string[];
  readonly seed: string;
}

function toTopic(text: string): Topic {
  const found = text.match(/[\p{L}\p{N}][\p{L}\p{N}-]{3,24}/gu) ?? [];
  const keywords = [...new Set(found.map((word) => word.toLowerCase()))].filter((word) => !common.has(word));
  return {
    quote: quote(text),
    keywords: [...keywords, "the question", "the answer", "the rest"].slice(0, 4),
    seed: text,
  };
}

const common = new Set(
  "about after again also been before could does from give have here into just know like make more most much need only over please really should some tell than that their them then there these they thing this what when where which while will with would write your".split(
    " ",
  ),
);

function usualAnswer(topic: Topic, before: readonly Said[]): readonly string[] {
  const [first = "", second = "", third = ""] = topic.keywords;
  const opening = pick(
    [
      `You wrote “${topic.quote}”. Let us take that apart, beginning with **${first}**.`,
      `“${topic.quote}” is worth a closer look. At its heart stands **${first}**.`,
      `Good point: “${topic.quote}”. I would begin with **${first}** and see where *${second}* fits in.`,
    ],
    topic.seed,
  );
  const earlier = before.at(-1);
  const link =
    earlier === undefined
      ? []
      : [
          `Before that you asked about “${quote(earlier.text)}”; the two belong together more than one thinks.`,
        ];
  return [
    opening,
    ...link,
    pick(["Three things matter here:", "It comes down to three points:", "In short:"], topic.seed),
    list(first, second, third),
    "Side by side:",
    table(topic),
    `And as code, because every answer about ${first} looks better with some:`,
    code(topic),
    pick(
      [
        `So much for ${second}. Ask on, and I will remember what we said.`,
        `Whether ${third} changes the picture is for you to say: ask on.`,
        `If you want more, ask for a *long* answer about ${first}.`,
      ],
      `${topic.seed}!`,
    ),
  ];
}

function list(first: string, second: string, third: string): string {
  return [
    `- **${capital(first)}** comes first, because everything else follows from it.`,
    `- **${capital(second)}** is where people go wrong:`,
    `  - too early, and nobody is ready;`,
    `  - too late, and nobody cares.`,
    `- **${capital(third)}** one only notices when it is missing.`,
  ].join("\n");
}

function table(topic: Topic): string {
  const rows = topic.keywords.slice(0, 3).map((word) => {
    const weight = 1 + (hash(topic.seed + word) % 5);
    return `| ${word} | ${word.length} | ${"★".repeat(weight)} |`;
  });
  return ["| Word | Letters | Weight |", "| --- | ---: | --- |", ...rows].join("\n");
}

function code(topic: Topic): string {
  const [first = "", second = ""] = topic.keywords.map((word) => JSON.stringify(word));
  return pick(
    [
      `\`\`\`python\ntopics = [${first}, ${second}]\nfor topic in sorted(topics, key=len):\n    print(f"{topic}: {len(topic)} letters")\n\`\`\``,
      `\`\`\`js\nconst topics = [${first}, ${second}];\nfor (const topic of topics) {\n  console.log(\`\${topic}: \${topic.length} letters\`);\n}\n\`\`\``,
      `\`\`\`sh\nfor topic in ${first} ${second}; do\n  printf '%s: %d letters\\n' "$topic" "\${#topic}"\ndone\n\`\`\``,
    ],
    topic.seed,
  );
}

/** Longer than one platform message, so that one sees how a second page begins. */
function longAnswer(topic: Topic): readonly string[] {
  const [first = "", second = "", third = ""] = topic.keywords;
  const chapters = Array.from({ length: 9 }, (_, index) => {
    const word = topic.keywords[index % topic.keywords.length] ?? first;
    return [
      `## ${index + 1}. ${capital(word)}`,
      `Much has been said about ${word}, and most of it by people who had to do with ${second} first. What remains is simple: whoever asks “${topic.quote}” wants to know how ${word} and ${third} hold together, and how one would notice if they did not.`,
      `Take it slowly. A text of this length is no end in itself: it is here so that you can see one message fill up, freeze, and the next one carry on, with every list and every fence in order. Halfway through, ${word} will look smaller than at the beginning.`,
      list(word, second, third),
    ].join("\n\n");
  });
  return [`A long answer about **${first}**, then.`, ...chapters, code(topic)];
}

/** One line of at most 80 characters, without marks that would format it. */
function quote(text: string): string {
  const line = text.replace(/[`*_~|[\]<>#\s]+/gu, " ").trim();
  if (line.length <= 80) return line;
  return `${line
    .slice(0, 80)
    .replace(/\s\S*$/u, "")
    .toWellFormed()} …`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** One of `choices`, always the same for the same text. */
function pick(choices: readonly string[], text: string): string {
  return choices[hash(text) % choices.length] ?? "";
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
