/**
 * Dead letters sent again, each once. The order is the proof: the plan with
 * the whole event is stored, then it is sent, then it is marked. A crash in
 * between leaves `sending`; the next attempt sends the stored event again, and
 * the fold takes an identity (source, id) only once.
 */
import type { Logger } from "pino";
import type { Identity } from "./access.ts";
import { withFreshIdentity, type EventJson } from "./core/letter-body.ts";
import type { DoorAnswer, IngestDoor } from "./io/ingest-door.ts";
import type { DeadLetter } from "./io/past-letters.ts";
import type { RedriveRow, Redrives } from "./io/redrives.ts";

/** Letters planned and sent together; of 64 KiB each, below the door's 5 MiB. */
export const redriveBatchMax = 50;

export type RedriveResult = { readonly id: string } & (
  | {
      readonly outcome: "sent";
      readonly by: string;
      readonly at: string;
      readonly event: { readonly source: string; readonly id: string };
      /** An attempt that was cut off before is finished with its own event. */
      readonly resumed: boolean;
    }
  | {
      readonly outcome: "refused";
      readonly code: string;
      readonly path: string | null;
      readonly message: string;
    }
  | {
      readonly outcome: "already";
      readonly by: string;
      readonly at: string;
    }
  | { readonly outcome: "skipped"; readonly code: string }
);

export interface RedriveDeps {
  readonly redrives: Redrives;
  readonly door: IngestDoor;
  readonly now: () => number;
  readonly log: Pick<Logger, "info">;
}

export interface RedriveAnswer {
  /** In the order of the letters. */
  readonly results: readonly RedriveResult[];
  /** Sent events whose identity the door had seen before. */
  readonly duplicates: number;
}

interface Sending {
  readonly row: RedriveRow;
  readonly resumed: boolean;
}

function planOf(
  letter: DeadLetter,
  known: RedriveRow | undefined,
  edited: EventJson | null,
  who: Identity,
  now: number,
): RedriveResult | Sending {
  const { id } = letter;
  if (known?.state === "sent") {
    return { id, outcome: "already", by: known.actor, at: known.at };
  }
  if (known?.state === "sending") return { row: known, resumed: true };
  if (edited === null && letter.body.kind === "none") {
    return { id, outcome: "skipped", code: letter.body.code };
  }
  const json = edited ?? (letter.body.kind === "event" ? letter.body.json : {});
  const event = withFreshIdentity(letter, json);
  const word = (value: unknown): string =>
    typeof value === "string" ? value : "";
  return {
    resumed: false,
    row: {
      letter_id: id,
      version: (known?.version ?? 0) + 1,
      state: "sending",
      actor: who.user,
      at: new Date(now).toISOString(),
      source: word(event["source"]),
      event_id: word(event["id"]),
      edited: edited !== null,
      body: JSON.stringify(event),
      answer: "",
    },
  };
}

function resultOf(
  { row, resumed }: Sending,
  failure: DoorAnswer["failed"][number] | undefined,
): RedriveResult {
  const { letter_id: id, actor: by, at, source, event_id } = row;
  if (failure === undefined) {
    const event = { source, id: event_id };
    return { id, outcome: "sent", by, at, event, resumed };
  }
  const { code, path, message } = failure;
  return { id, outcome: "refused", code, path, message };
}

function markOf(row: RedriveRow, result: RedriveResult): RedriveRow {
  const refused = result.outcome === "refused";
  return {
    ...row,
    version: row.version + 1,
    state: refused ? "refused" : "sent",
    answer: refused ? `${result.code}: ${result.message}` : "",
  };
}

/**
 * Sends at most `redriveBatchMax` letters, an edited event in place of a
 * letter's own where there is one. 503 when the door or history is away.
 */
export async function redriveLetters(
  deps: RedriveDeps,
  letters: readonly DeadLetter[],
  edits: ReadonlyMap<string, EventJson>,
  who: Identity,
): Promise<RedriveAnswer> {
  const { redrives, log } = deps;
  const ids = letters.map((letter) => letter.id);
  const plans = await redrives.planned(async () => {
    const known = await redrives.read(ids);
    const made = letters.map((letter) => {
      const edited = edits.get(letter.id) ?? null;
      return planOf(letter, known.get(letter.id), edited, who, deps.now());
    });
    const fresh = made.filter((plan) => "row" in plan && !plan.resumed);
    await redrives.write(fresh.flatMap((p) => ("row" in p ? [p.row] : [])));
    return made;
  });
  const sendings = plans.filter((plan) => "row" in plan);
  if (sendings.length === 0) {
    return { results: plans.filter((p) => "outcome" in p), duplicates: 0 };
  }
  const events = sendings.map(({ row }) => JSON.parse(row.body) as EventJson);
  const { duplicates, failed } = await deps.door.resend(events);
  const failures = new Map(failed.map((item) => [item.index, item]));
  const settled = plans.map((plan) => {
    if ("outcome" in plan) return { result: plan, marks: [] };
    const result = resultOf(plan, failures.get(sendings.indexOf(plan)));
    return { result, marks: [markOf(plan.row, result)] };
  });
  await redrives.write(settled.flatMap(({ marks }) => marks));
  for (const { result, marks } of settled) {
    if (marks.length === 0) continue;
    log.info({ actor: who.user, ...result }, "dead letter sent again");
  }
  return { results: settled.map(({ result }) => result), duplicates };
}
