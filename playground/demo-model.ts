/** The playground's model: an OpenAI-compatible server on loopback that needs no key and no network. */

import { LLMock } from "@copilotkit/aimock";
import { demoAnswer } from "./demo-answer.ts";

/** How the demo model starts; the defaults are for people, tests make it fast. */
export interface DemoModelOptions {
  /** Pieces of 4 characters a second: about a token each, so that one can read along. */
  readonly tokensPerSecond?: number;
  /** Before the first piece, as if it thought. */
  readonly firstTokenMs?: number;
}

/** A running demo model. */
export interface DemoModel extends AsyncDisposable {
  /** The base URL for a client: `http://127.0.0.1:…/v1`. */
  readonly url: string;
  /** The name under which it is asked. */
  readonly model: string;
  close(): Promise<void>;
}

/** Starts it on a port that the OS chooses. */
export async function startDemoModel(options: DemoModelOptions = {}): Promise<DemoModel> {
  const model = "parley-demo";
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  mock.on(
    { model, endpoint: "chat" },
    (request) => ({
      content: demoAnswer(request.messages.map(({ role, content }) => ({ role, content: textOf(content) }))),
    }),
    {
      chunkSize: 4,
      streamingProfile: {
        ttft: options.firstTokenMs ?? 400,
        tps: options.tokensPerSecond ?? 40,
        jitter: 0.3,
      },
    },
  );
  await mock.start();
  const close = () => mock.stop();
  return { url: `${mock.baseUrl}/v1`, model, close, [Symbol.asyncDispose]: close };
}

function textOf(content: string | readonly { readonly text?: string }[] | null): string {
  if (content === null) return "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
}
