/** Leave to call the chat API now. A port: for now everything is admitted except after a refusal with Retry-After. */

/** The answer to a request for admission. */
export type Admitted = { readonly admitted: true } | { readonly admitted: false; readonly waitMs: number };

/** Who may call the chat API, and when. */
export interface Admission {
  /** @param tokens estimate of the prompt, in the model's tokens */
  admit(request: {
    readonly model: string;
    readonly tokens: number;
    readonly author: string;
  }): Promise<Admitted>;
  /** The API refused for `afterMs`: nobody calls `model` before. */
  refused(model: string, afterMs: number): void;
}

/** Admits all, but keeps a Retry-After for every turn of this process. */
export function createOpenAdmission(): Admission {
  const closedUntil = new Map<string, number>();
  return {
    admit: async ({ model }) => {
      const waitMs = (closedUntil.get(model) ?? 0) - performance.now();
      return waitMs > 0 ? { admitted: false, waitMs } : { admitted: true };
    },
    refused: (model, afterMs) => {
      closedUntil.set(model, Math.max(closedUntil.get(model) ?? 0, performance.now() + afterMs));
    },
  };
}
