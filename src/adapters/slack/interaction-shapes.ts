/** The parts of Slack's interactions that Parley reads: presses, and what was written into a form. */

import { z } from "zod";
import { tsPattern } from "./address.ts";

const ts = z.string().regex(tsPattern);
const person = z.object({ id: z.string(), name: z.string().optional(), username: z.string().optional() });

const press = z.object({
  user: person,
  trigger_id: z.string(),
  response_url: z.string().optional(),
  container: z.object({
    message_ts: ts.optional(),
    channel_id: z.string().optional(),
    is_ephemeral: z.boolean().default(false),
  }),
  /** Absent where the message is seen by one person only. */
  message: z.object({ thread_ts: ts.optional() }).optional(),
  /** Set for the app's home. */
  view: z.object({ private_metadata: z.string().default("") }).nullish(),
  actions: z
    .array(
      z.object({
        block_id: z.string().default(""),
        action_ts: ts.optional(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});

/** The press of a button, or the choice of an option. */
export type SlackPress = Readonly<z.output<typeof press>>;

const submission = z.object({
  user: person,
  view: z.object({
    id: z.string(),
    hash: z.string().default(""),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))),
    }),
  }),
});

/** What somebody wrote into a form. */
export type SlackSubmission = Readonly<z.output<typeof submission>>;

/** @throws ZodError when `body` is not a press as Slack documents it */
export function parsePress(body: unknown): SlackPress {
  return press.parse(body);
}

/** @throws ZodError when `body` is not the submission of a form as Slack documents it */
export function parseSubmission(body: unknown): SlackSubmission {
  return submission.parse(body);
}
