/** Silences as people make them, and what they are at an instant. */
import type { Matcher } from "@riskwall/schemas/matchers";
import { matchesAll, matcherText } from "@riskwall/schemas/matchers";
import type { Silence } from "./plan.ts";

const dayMs = 86_400_000;
/** A longer one is a change of the routing. */
export const silenceMaxMs = 366 * dayMs;
/** Expired ones are kept for a look; then the next write removes them. */
export const silenceKeepMs = 30 * dayMs;
/** Silences kept at most, expired ones included. */
export const silencesMax = 1000;

export interface KeptSilence extends Silence {
  readonly createdBy: string;
  readonly comment: string;
}

export const silenceStates = ["active", "pending", "expired"] as const;
export type SilenceState = (typeof silenceStates)[number];

/** From `startsAt` on and before `endsAt` it is active. */
export function silenceState(
  { startsAt, endsAt }: Silence,
  now: number,
): SilenceState {
  if (now >= endsAt) return "expired";
  return now < startsAt ? "pending" : "active";
}

export interface SilenceFault {
  readonly code:
    | "matches_everything"
    | "ends_before_start"
    | "ends_in_the_past"
    | "silence_too_long";
  readonly path: string;
  readonly title: string;
}

/** What is wrong with a new silence, or null. */
export function silenceFault(
  silence: Pick<Silence, "matchers" | "startsAt" | "endsAt">,
  now: number,
): SilenceFault | null {
  const { matchers, startsAt, endsAt } = silence;
  const isBare = (matcher: Matcher): boolean => matchesAll([matcher], {});
  if (matchers.every(isBare)) {
    const title = "Some matcher has to ask for a value that is not empty";
    return { code: "matches_everything", path: "matchers", title };
  }
  const path = "endsAt";
  if (endsAt <= startsAt) {
    const title = "The end is not after the start";
    return { code: "ends_before_start", path, title };
  }
  if (endsAt <= now) {
    return { code: "ends_in_the_past", path, title: "The end is over" };
  }
  if (endsAt - startsAt > silenceMaxMs) {
    const title = "More than 366 days is a change of the routing";
    return { code: "silence_too_long", path, title };
  }
  return null;
}

/** A silence that ends now; one that has not begun never does. */
export function endedNow(silence: KeptSilence, now: number): KeptSilence {
  return { ...silence, startsAt: Math.min(silence.startsAt, now), endsAt: now };
}

/** The entry of the settings that stands for it. */
export function silenceEntry(silence: KeptSilence): object {
  const { id, matchers, startsAt, endsAt, createdBy, comment } = silence;
  return {
    ...{ id, createdBy, comment },
    matchers: matchers.map(matcherText),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
  };
}

const rank = (state: SilenceState): number => silenceStates.indexOf(state);

/** Active ones by their end, then those to come, then the last that ended. */
export function inOrder(
  silences: readonly KeptSilence[],
  now: number,
): readonly KeptSilence[] {
  return [...silences].sort((a, b) => {
    const state = silenceState(a, now);
    const byState = rank(state) - rank(silenceState(b, now));
    if (byState !== 0) return byState;
    const [x, y] =
      state === "pending" ? [a.startsAt, b.startsAt] : [a.endsAt, b.endsAt];
    if (x !== y) return state === "expired" ? y - x : x - y;
    return a.id < b.id ? -1 : 1;
  });
}
