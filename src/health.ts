/** `/livez` and `/readyz`: what a supervisor and a load balancer ask. */

import Fastify from "fastify";
import { StartRefused } from "./launch/refusal.ts";

/** What the health server needs. */
export interface HealthOptions {
  readonly host: string;
  /** 0: the operating system chooses. */
  readonly port: number;
  /** Sentences that say what is not ready; empty = ready. */
  readonly notReady: () => Promise<readonly string[]>;
}

/** A health server that listens. */
export interface Health extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts the health server. `/livez` touches no dependency: it says that the event loop answers.
 * @throws StartRefused when the port cannot be used
 */
export async function startHealth({ host, port, notReady }: HealthOptions): Promise<Health> {
  const server = Fastify({ forceCloseConnections: true });
  server.get("/livez", async () => ({ status: "ok" }));
  server.get("/readyz", async (_request, reply) => {
    const reasons = await notReady();
    return await reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  await server.listen({ host, port }).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown fault";
    throw new StartRefused(
      `Port ${port} of ${host} cannot be used (${code}): set PORT to another one, or to 0.`,
      {
        cause,
      },
    );
  });
  const address = server.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
