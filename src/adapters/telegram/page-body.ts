/** What of a page goes over the wire: the renderer's body, or nothing but the plain text. */

import { z } from "zod";
import type { Page } from "../../core/platform/page.ts";
import type { Connection } from "./connection.ts";
import type { RichBlock } from "./format-rich.ts";

/** As rendered: text with entities, which unlike a `parse_mode` cannot fail to parse, and blocks of a rich message. */
const pageBody = z.object({
  text: z.string().min(1),
  entities: z.array(z.looseObject({ type: z.string(), offset: z.number(), length: z.number() })),
  rich: z.array(z.custom<RichBlock>()).min(1).optional(),
});

/** The renderer's body; undefined for a page that is to be shown as plain text. */
export function bodyOf(page: Page): z.output<typeof pageBody> | undefined {
  const parsed = pageBody.safeParse(page.body);
  return parsed.success ? parsed.data : undefined;
}

/** grammY's type of the entities of a message. */
type Entities = NonNullable<NonNullable<Parameters<Connection["api"]["sendMessage"]>[2]>["entities"]>;

/** What a page says in a classic message; a page without a rendering of ours goes out as plain text. */
export function contentOf(page: Page): { readonly text: string; readonly entities: Entities } {
  const body = bodyOf(page);
  if (body === undefined) return { text: page.plain, entities: [] };
  return { text: body.text, entities: body.entities as unknown as Entities };
}
