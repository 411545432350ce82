/** What of a dead letter can be sent again. */

/** Refusals of who spoke, not of what was said: never redriven in bulk. */
export const personalCodes: ReadonlySet<string> = new Set([
  "privileged_type",
  "source_forbidden",
  "scope_missing",
]);

/**
 * Codes of fold letters whose event was never taken. Any other code of the
 * fold means that it remembers the identity and would drop it as a repeat.
 */
const untakenCodes: ReadonlySet<string> = new Set(["FUTURE", "SKIPPED"]);

export interface LetterIdentity {
  readonly id: string;
  readonly stage: string;
  readonly code: string;
  readonly source: string;
  readonly eventId: string;
}

export type EventJson = Readonly<Record<string, unknown>>;

/** The event to send, or why there is none without an edited one. */
export type LetterBody =
  | { readonly kind: "event"; readonly json: EventJson }
  | {
      readonly kind: "none";
      readonly code: "no_raw" | "not_json" | "not_business";
    };

/** True for a JSON object. */
export function isEventJson(value: unknown): value is EventJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * The event as it came: of the door its JSON text; of the fold `decoded`, the
 * log's record as contract JSON (null when it cannot be read).
 */
export function letterBody(
  letter: LetterIdentity,
  raw: string,
  decoded: unknown,
): LetterBody {
  if (letter.stage === "fold") {
    if (!isEventJson(decoded)) return { kind: "none", code: "no_raw" };
    return "data" in decoded
      ? { kind: "event", json: decoded }
      : { kind: "none", code: "not_business" };
  }
  if (raw === "") return { kind: "none", code: "no_raw" };
  const json = parseJson(raw);
  return isEventJson(json)
    ? { kind: "event", json }
    : { kind: "none", code: "not_json" };
}

/**
 * The event under the identity it is sent with. Where the fold has spent its
 * own, one made of the letter's id: the same at every attempt, so that the
 * event is applied at most once.
 */
export function withFreshIdentity(
  letter: LetterIdentity,
  json: EventJson,
): EventJson {
  const spent =
    letter.stage === "fold" &&
    !untakenCodes.has(letter.code) &&
    json["id"] === letter.eventId &&
    json["source"] === letter.source;
  return spent ? { ...json, id: `redrive-${letter.id}` } : json;
}
