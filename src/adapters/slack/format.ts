/** A reply in Slack's form: mrkdwn in section blocks, and the same as text [platform-facts B6, B10]. */

import { z } from "zod";
import { bestCut } from "../../core/markdown/cuts.ts";
import { fingerprintOf } from "../../core/markdown/fingerprint.ts";
import { layout } from "../../core/markdown/layout.ts";
import { createPager } from "../../core/markdown/pager.ts";
import { isBlank } from "../../core/markdown/sanitise.ts";
import { sliced } from "../../core/markdown/slice.ts";
import { type Block, blockStart } from "../../core/markdown/tree.ts";
import type { Page, ReplyRenderer } from "../../core/platform.ts";
import { toMrkdwn, toPlain } from "./format-mrkdwn.ts";

const sectionSchema = z.object({
  type: z.literal("section"),
  /** Shown whole, without "see more". */
  expand: z.literal(true),
  /** `verbatim`: Slack looks for no names, channels and addresses of its own. */
  text: z.object({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(3_000),
    verbatim: z.literal(true),
  }),
});

const bodySchema = z.object({ text: z.string(), blocks: z.array(sectionSchema) });

export type SlackSection = Readonly<z.infer<typeof sectionSchema>>;

/** What `chat.postMessage` and `chat.update` take. */
export interface SlackBody {
  readonly text: string;
  readonly blocks: readonly SlackSection[];
}

/** `chat.update` refuses a text of more than 4,000 characters; pages stay below it and leave room for {@link prefixed}. */
const maxPageUtf16 = 3_800;
const reservedUtf16 = 32;
/** A section takes 3,000 characters. */
const maxSectionUtf16 = 2_900;
/** A table wider than this is written row by row. */
const tableColumns = 76;

interface Rendered {
  readonly blocks: readonly Block[];
  readonly text: string;
}

/** Renders one reply for Slack. */
export function createSlackRenderer(): ReplyRenderer {
  const pager = createPager<Rendered>({
    render: (blocks) => ({ blocks, text: mrkdwn(blocks) }),
    fill: ({ text }) => text.length / (maxPageUtf16 - reservedUtf16),
    toPage: ({ blocks, text }) => {
      const plain = toPlain(layout(blocks, { tableColumns }));
      if (isBlank(plain)) return undefined;
      return toPage({ text, blocks: sections(blocks).map(section) }, plain);
    },
  });
  return { render: pager.render, prefixed };
}

/** The same page with `words` on a line in front. It fits as long as they take at most 31 UTF-16 units. */
export function prefixed(page: Page, words: string): Page {
  const { text, blocks } = parseSlackBody(page.body);
  const [first, ...rest] = blocks;
  const front = first ? [section(`${words}\n${first.text.text}`)] : [];
  return toPage({ text: `${words}\n${text}`, blocks: [...front, ...rest] }, `${words}\n${page.plain}`);
}

/**
 * Reads a body back from storage.
 * @throws ZodError when `body` is none
 */
export function parseSlackBody(body: unknown): SlackBody {
  return bodySchema.parse(body);
}

function toPage(body: SlackBody, plain: string): Page {
  return { fingerprint: fingerprintOf(body), plain, body };
}

function section(text: string): SlackSection {
  return { type: "section", expand: true, text: { type: "mrkdwn", text, verbatim: true } };
}

function mrkdwn(blocks: readonly Block[]): string {
  return toMrkdwn(layout(blocks, { tableColumns }));
}

/** The page's text in parts that fit into a section each, cut where it reads best. */
function sections(blocks: readonly Block[]): string[] {
  const fill = (part: readonly Block[]) => mrkdwn(part).length / maxSectionUtf16;
  const parts: string[] = [];
  let rest = blocks;
  let from = rest[0] ? Math.min(rest[0].at, blockStart(rest[0])) : 0;
  for (;;) {
    const cut = fill(rest) <= 1 ? undefined : bestCut(rest, from, fill);
    const part = mrkdwn(cut === undefined ? rest : sliced(rest, from, cut));
    if (!isBlank(part)) parts.push(part.slice(0, maxSectionUtf16));
    if (cut === undefined) return parts;
    rest = sliced(rest, cut, Number.POSITIVE_INFINITY);
    from = cut;
  }
}
