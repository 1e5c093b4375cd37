/** The port to which models a chat API offers. */

/** One model that can be chosen. */
export interface ModelInfo {
  readonly id: string;
  /** The day on which the provider ends it, as `2026-12-11`; absent where nothing is announced. */
  readonly shutdownDate?: string;
}

/** What a chat API offers. */
export interface ModelCatalogue {
  /**
   * The models, in the server's order. Asked for once in `timing.modelsMs`, however many people look.
   * @throws ChatApiError
   */
  models(signal: AbortSignal): Promise<readonly ModelInfo[]>;
}
