/** How a setting is declared: its type, its default, and what the documentation says about it. */

import { z } from "zod";
import type { SettingType } from "./values.ts";

/** The headings under which settings are documented, in that order. */
export const groups = [
  "Telegram",
  "Slack",
  "Model",
  "Access",
  "Redis",
  "Processes",
  "Patience",
  "Starting rates",
] as const;

/** What is said about one setting. */
export interface SettingFacts {
  readonly group: (typeof groups)[number];
  /** What it does, with its unit: Markdown, whole sentences. */
  readonly about: string;
  /** A right value. */
  readonly example: string;
  /** Never shown, not even in parts. */
  readonly secret?: true;
  /** The text that stands for an unset variable, where there is one. */
  readonly fallback?: string;
}

/** What is said about each setting. */
export const facts = z.registry<SettingFacts>();

/** A setting without a default: absent when unset. */
export function optional<T>(type: SettingType<T>, about: SettingFacts) {
  return type.optional().register(facts, about);
}

/** A setting with a default. */
export function withDefault<T>(type: SettingType<T>, fallback: string, about: SettingFacts) {
  return type.prefault(fallback).register(facts, { ...about, fallback });
}
