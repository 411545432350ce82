/**
 * Keeps directory and hold queue in step with the states in Redis: a bounded scan that
 * goes round for ever, skipping partitions that did not move, and customers
 * named by outputs at once.
 */
import type { OpenAlert } from "@riskwall/schemas";
import { isCustomer, logPartitions } from "@riskwall/schemas/names";
import { decodeListed } from "@riskwall/schemas/state";
import type { Directory } from "../core/directory.ts";
import type { HoldQueue } from "../core/hold-queue.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { Present } from "../io/present.ts";

/** States read by one step at most, and at least while there are so many. */
export const scanMaxStates = 2000;
const scanMinStates = 100;
/** Steps in which one round is meant to end: ten seconds at four a second. */
const stepsPerRound = 40;

export interface DirectoryScan {
  /** One step of the round; true when it ended a round. */
  step: () => Promise<boolean>;
  /** Reads these customers now. */
  refresh: (ids: readonly string[]) => Promise<void>;
}

export interface DirectoryScanDeps {
  readonly present: Present;
  readonly directory: Directory;
  readonly queue: Pick<HoldQueue, "put" | "remove">;
  readonly rebuilding: Rebuilding;
  readonly now: () => number;
  /** Called with each alert of a state that was read. */
  readonly onAlert: (alert: OpenAlert) => void;
}

interface Round {
  partition: number;
  cursor: string;
  /** `next` of the partition when its scan began. */
  next: number;
  seen: Set<string>;
}

export function createDirectoryScan(deps: DirectoryScanDeps): DirectoryScan {
  const { present, directory, queue, rebuilding } = deps;
  const scanned = new Array<number>(logPartitions).fill(-1);
  const members = Array.from(
    { length: logPartitions },
    () => new Set<string>(),
  );
  const round: Round = { partition: 0, cursor: "0", next: 0, seen: new Set() };

  const take = (id: string, bytes: Buffer | null): void => {
    if (bytes === null) {
      directory.remove(id);
      queue.remove(id);
      return;
    }
    const { head, held, alerts } = decodeListed(bytes);
    // Groups and the portfolio have alerts, and are in no list of customers.
    if (isCustomer(id)) {
      directory.put(head);
      queue.put(head, held);
    }
    if (head.summary.alerts.every((n) => n === 0)) return;
    for (const alert of alerts) deps.onAlert(alert);
  };

  const refresh = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return;
    const states = await present.states(ids);
    // Asked after the states: whoever went back before is found out.
    rebuilding.observe(await present.places(), deps.now());
    for (const [i, id] of ids.entries()) {
      if (rebuilding.isBehind(partitionOf(id))) continue;
      take(id, states[i] ?? null);
    }
  };

  /** Ends a partition: who was there last time and not now is looked up. */
  const endPartition = async (): Promise<void> => {
    const before = members[round.partition] ?? new Set();
    const gone = [...before].filter((id) => !round.seen.has(id));
    for (let i = 0; i < gone.length; i += scanMaxStates) {
      await refresh(gone.slice(i, i + scanMaxStates));
    }
    members[round.partition] = round.seen;
    scanned[round.partition] = round.next;
  };

  const beginPartition = async (): Promise<boolean> => {
    const next = await present.next(round.partition);
    if (next === scanned[round.partition]) return false;
    round.next = next;
    round.seen = new Set();
    return true;
  };

  const advance = (): boolean => {
    round.partition = (round.partition + 1) % logPartitions;
    return round.partition === 0;
  };

  return {
    refresh,
    step: async () => {
      while (round.cursor === "0" && !(await beginPartition())) {
        if (advance()) return true;
      }
      const wanted = Math.ceil(directory.size() / stepsPerRound);
      const count = Math.min(scanMaxStates, Math.max(scanMinStates, wanted));
      const { partition } = round;
      const { cursor, ids } = await present.scan(
        partition,
        round.cursor,
        count,
      );
      await refresh(ids);
      for (const id of ids) round.seen.add(id);
      round.cursor = cursor;
      if (cursor !== "0") return false;
      await endPartition();
      return advance();
    },
  };
}
