/** Trouble of the sources themselves (domain D2, DQ-01 to DQ-03). */
import type { Truth } from "./episodes.ts";
import { textOf } from "./life-edit.ts";
import type { Arrival } from "./month.ts";
import { at, workingDay } from "./month-story.ts";
import type { Random } from "./random.ts";

const hourMs = 3_600_000;
const portfolio = "#portfolio";

function truth(
  kind: string,
  started: number,
  trueAt: number,
  rule: string,
  consequences: readonly string[],
): Truth {
  return {
    ...{
      episodeId: `E-${kind}-${String(started)}`,
      kind,
      customerId: portfolio,
    },
    startedAt: new Date(started).toISOString(),
    trueAt: new Date(trueAt).toISOString(),
    ...{ expectedRules: [rule], consequences, eventIds: [] },
    ...{ withinMs: 2 * hourMs, madeBy: "degrees" },
    endsAt: new Date(trueAt + 12 * hourMs).toISOString(),
  };
}

/** Arrivals with sources that fall silent, come late and send rubbish. */
export function troubleSources(
  arrivals: readonly Arrival[],
  first: number,
  truths: Truth[],
  random: Random,
): Arrival[] {
  let list = [...arrivals];
  for (const day of [9, 16, 23]) {
    const from = at(workingDay(first + day), 9.5);
    list = silent(list, from, from + 6 * hourMs);
    // An hour and a half is many times the usual gap of a busy source.
    const late = ["DQ-02"];
    truths.push({
      ...truth("bank-silent", from, from + 1.5 * hourMs, "DQ-01", late),
      withinMs: 4.5 * hourMs,
    });
  }
  for (const day of [6, 13, 20]) {
    const from = at(workingDay(first + day), 10);
    const delayed = lateBatch(list, from, random);
    if (delayed === null) continue;
    list = delayed.list;
    truths.push(truth("late-batch", from, delayed.at, "DQ-02", []));
  }
  for (const day of [3, 12, 22]) {
    const from = at(workingDay(first + day), 14);
    list.push(...rubbish(from));
    truths.push(truth("bad-batch", from, from + 30_000, "DQ-03", []));
  }
  return list.sort((a, b) => a.at - b.at);
}

/** Nothing comes of the bank between the two; all of it comes then. */
function silent(list: readonly Arrival[], from: number, to: number): Arrival[] {
  return list.map((item) =>
    item.event.source === "sim-bank" && item.at >= from && item.at < to
      ? { ...item, at: to }
      : item,
  );
}

/** Some orders of a day come thirty hours later, behind newer facts. */
function lateBatch(
  list: readonly Arrival[],
  from: number,
  random: Random,
): { readonly list: Arrival[]; readonly at: number } | null {
  const to = from + 30 * hourMs;
  const newer = new Set(
    list
      .filter((item) => item.at > from + 26 * hourMs && item.at < to)
      .map(({ event }) => textOf(event, "customerId")),
  );
  const able = list.filter(
    ({ at: time, event }) =>
      time >= from - hourMs &&
      time < from + hourMs &&
      event.source === "sim-erp" &&
      newer.has(textOf(event, "customerId")),
  );
  if (able.length === 0) return null;
  const late = random.pick(able);
  return {
    list: list.map((item) => (item === late ? { ...item, at: to } : item)),
    at: to,
  };
}

/** A broken export: numbers where amounts have to be texts. */
function rubbish(from: number): Arrival[] {
  return Array.from({ length: 30 }, (_, i) => ({
    at: from + i * 1000,
    event: {
      id: `broken-${String(from)}-${String(i)}`,
      ...{ source: "sim-erp", type: "order.placed" },
      time: new Date(from + i * 1000).toISOString(),
      data: {
        ...{ customerId: "C-100000", orderId: `SO-broken-${String(i)}` },
        ...{ amount: 1234.5, currency: "CNY" },
      },
    },
  }));
}
