/** What the contract asks of an adapter before its simulated platform. */

import type { CommandResponder } from "../../src/core/platform/command-responder.ts";
import type { Intake } from "../../src/core/platform/intake.ts";
import type { Platform } from "../../src/core/platform/platform.ts";
import type { MemoryInbox } from "../telegram/memory-inbox.ts";

/** Which call a fault hits. */
export type FaultyCall = "post" | "edit";

/** What goes wrong on the platform's side. */
export type ContractFault =
  /** Flood control refuses for 1 s. */
  | "limited"
  /** The connection is reset; nothing is applied. */
  | "reset"
  /** Applied, and the connection is reset. */
  | "applied, then reset"
  /** A gateway's 502; it is not known whether anything was applied. */
  | "bad gateway"
  /** No answer ever comes. */
  | "hang"
  /** The formatting is refused. */
  | "formatting refused";

/** A topic or a thread. */
export interface ContractPlace {
  /** The bot's messages there, as they stand. */
  seen(): readonly string[];
}

/** An adapter before its simulated platform, with one person who can reach the bot. */
export interface Subject extends AsyncDisposable {
  readonly platform: Platform;
  readonly intake: Intake;
  readonly responder: CommandResponder;
  readonly inbox: MemoryInbox;
  /** The person writes to the bot in private. */
  says(text: string): void;
  /** The person begins a further conversation in the same chat, in a topic or a thread, by saying this. */
  opens(text: string): ContractPlace;
  /** The person presses the button with this label under the bot's newest message. */
  presses(label: string): void;
  /** The platform delivers the person's last message once more. */
  deliversAgain(): void;
  /** The person lets the bot write to them no more. */
  closes(): void;
  /** An id as the platform gives them, of a message that is not there. */
  readonly missingId: string;
  /** The bot's messages to the person, as they stand. */
  seen(): readonly string[];
  /** What the person sees of an answer that is being written. */
  growing(): string | undefined;
  /** Names of files that the bot sent. */
  files(): readonly string[];
  /** What of the bot's messages would have called people, or fetched a page for a preview. */
  harm(): readonly string[];
  isBusy(): boolean;
  /** The next such call meets the fault. */
  breaks(call: FaultyCall, fault: ContractFault): void;
  /** Calls of the API so far; those that only listen are left out. */
  calls(): number;
  /** The server is gone: connections are refused. */
  vanishes(): Promise<void>;
  until(holds: () => boolean): Promise<void>;
}
