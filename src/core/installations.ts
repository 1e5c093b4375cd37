/** The port to where the bot is installed by its users themselves. Kept in Redis by `src/queue`, encrypted. */

/** A scope of a platform: a workspace. */
export interface Place {
  /** The adapter's name. */
  readonly platform: string;
  /** As in an `Address`. */
  readonly scope: string;
}

/** The bot's installation in one place. */
export interface Installation {
  /** The adapter's own text, tokens included: never logged, never kept in the clear. */
  readonly credentials: string;
  /** When somebody installed it, in ms since 1970; new credentials for the same installation leave it as it is. */
  readonly installedAtMs: number;
  /** Different for everything that was ever saved. */
  readonly version: string;
}

/** Where installations are. Each call is one round trip or two, and rejects when Redis does not answer in time. */
export interface InstallationStore {
  /**
   * @returns undefined where the bot is not installed
   * @throws when it is, but was encrypted with a key that is not set any more
   */
  find(place: Place): Promise<Installation | undefined>;
  /**
   * Saves a new installation, whatever was there before, or new credentials of one.
   * @param replaces the installation that gets new credentials
   * @returns false when that one is no longer there: then nothing is saved
   */
  save(place: Place, credentials: string, replaces?: Installation): Promise<boolean>;
  /**
   * Drops the installation at once, and has everything deleted that was said there.
   * @param atMs when it was uninstalled, in ms since 1970: a later installation stays
   * @returns false when there was none as old as that
   */
  drop(place: Place, atMs: number): Promise<boolean>;
  /** The scopes of a platform in which the bot is installed. */
  scopes(platform: string): Promise<readonly string[]>;
  /** @returns true for the first call with `token` within `forMs`, in all processes together */
  useOnce(token: string, forMs: number): Promise<boolean>;
  /** Tells of every change in any process; undefined: there may have been some that nobody told of. */
  onChange(listener: (place: Place | undefined) => void): void;
}
