/** Identity: what was applied, and how late an event may be. */
import type { CustomerState } from "@riskwall/schemas";
import {
  latenessMs,
  type Chronicle,
  type CustomerRecord,
  type Dossier,
} from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";
import { byTime } from "./papers.ts";

export const identityFields = [
  "clock",
  "floor",
  "loading",
  "identities",
  "profile",
] as const;

const minuteMs = 60_000;
const entryBytes = 12;

/** Event minutes of packed identities: 8 bytes hash, 4 bytes minute each. */
function minutesOf(seen: Uint8Array): number[] {
  const view = new DataView(seen.buffer, seen.byteOffset, seen.byteLength);
  return Array.from({ length: seen.byteLength / entryBytes }, (_, i) =>
    view.getUint32(i * entryBytes + 8),
  );
}

/** Present values of a field that later records overwrite when they say it. */
function latest<T>(
  dossier: Dossier,
  read: (record: CustomerRecord) => T | null,
  first: T,
): T {
  let value = first;
  for (const { record } of byTime(dossier.events))
    value = read(record) ?? value;
  return value;
}

function profileOf(dossier: Dossier): Record<string, unknown> {
  const upserted = <T>(
    field: (value: {
      readonly name: string | null;
      readonly segment: string | null;
      readonly industry: string | null;
      readonly country: string | null;
      readonly owner: string | null;
      readonly groupId: string | null;
    }) => T | null,
    first: T,
  ): T =>
    latest(
      dossier,
      ({ name, value }) => (name === "CustomerUpserted" ? field(value) : null),
      first,
    );
  return {
    name: upserted((value) => value.name, dossier.id),
    segment: upserted((value) => value.segment, ""),
    industry: upserted((value) => value.industry, ""),
    country: upserted((value) => value.country, ""),
    owner: upserted((value) => value.owner, ""),
    groupId: upserted<string | null>((value) => value.groupId, null),
  };
}

export function compareIdentity(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Difference[] {
  const found: Difference[] = [];
  check(found, "clock", dossier.clock, state.clock);
  // Below the lateness a floor says nothing: such events are late anyway.
  const from = chronicle.logTime - latenessMs;
  const visible = (floor: number): number => (floor < from ? 0 : floor);
  check(found, "floor", visible(dossier.floor), visible(state.floor));
  // Past its end a customer loads until its timer's turn: 200 a record.
  const { loadingUntil: until } = dossier;
  const isOver = until !== null && until <= chronicle.logTime;
  const loading = isOver && state.loading === null ? null : until;
  check(found, "loading", loading, state.loading?.until ?? null);
  const recent = (minutes: readonly number[]): number[] =>
    minutes.filter((minute) => minute * minuteMs >= from).sort((a, b) => a - b);
  check(
    found,
    "identities",
    recent(dossier.remembered.map(({ time }) => Math.floor(time / minuteMs))),
    recent(minutesOf(state.seen)),
  );
  check(found, "profile", profileOf(dossier), {
    name: state.name,
    segment: state.segment,
    industry: state.industry,
    country: state.country,
    owner: state.owner,
    groupId: state.groupId,
  });
  return found;
}
