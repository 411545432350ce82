import type { CustomerView } from "@riskwall/schemas";
import type { LiveDelta } from "@riskwall/schemas/live";
import { describe, expect, it } from "vitest";
import { createAlertBook } from "../core/alert-book.ts";
import { alertView } from "../core/core-view.test-support.ts";
import { createDirectory } from "../core/directory.ts";
import { createFeed } from "../core/feed.ts";
import { createHoldQueue } from "../core/hold-queue.ts";
import type { OutputRecord } from "../io/outputs.ts";
import { createActionAnswers } from "./action-answers.ts";
import { createBroadcast } from "./broadcast.ts";
import { createCustomerPages, watchedMax } from "./customer-pages.ts";
import { createDirectoryScan } from "./directory-scan.ts";
import { createHub, listMax } from "./hub.ts";
import { createRebuilding } from "../core/rebuilding.ts";
import { reconcileAlerts } from "./reconcile.ts";
import {
  customerState,
  memoryPresent,
  openAlert,
} from "../core/memory-present.test-support.ts";

describe("the scan of customers", () => {
  const setUp = () => {
    const present = memoryPresent();
    const directory = createDirectory();
    const seen: string[] = [];
    const queue = createHoldQueue();
    const rebuilding = createRebuilding();
    const scan = createDirectoryScan({
      ...{ present, directory, queue, rebuilding, now: () => 0 },
      onAlert: (alert) => seen.push(alert.alertId),
    });
    const round = async (): Promise<void> => {
      while (!(await scan.step())) await Promise.resolve();
    };
    return { present, directory, seen, scan, round };
  };

  it("finds every customer in a round, and their open alerts", async () => {
    const { present, directory, seen, round } = setUp();
    for (let i = 0; i < 500; i += 1)
      present.put(customerState(`C-${String(i)}`));
    const { summary } = customerState("C-1");
    present.put(
      customerState("C-7", {
        alerts: [openAlert()],
        summary: { ...summary, alerts: [0, 0, 0, 1, 0] },
      }),
    );
    await round();
    expect(directory.size()).toBe(500);
    expect(seen).toEqual(["a1"]);
  });

  it("reads nothing again where nothing moved", async () => {
    const { present, directory, round } = setUp();
    for (let i = 0; i < 100; i += 1)
      present.put(customerState(`C-${String(i)}`));
    await round();
    const before = present.reads();
    await round();
    expect(present.reads()).toBe(before);
    present.put(customerState("C-5", { score: 300 }));
    await round();
    expect(present.reads()).toBeLessThan(before + 30);
    const query = { sort: "score", descending: false, limit: 1 } as const;
    expect(directory.query(query)[0]?.id).toBe("C-5");
  });

  it("moves nobody backward when the states went back", async () => {
    const { present, directory, round } = setUp();
    const scores = (): number[] =>
      [...directory.entries()].map(({ score }) => score);
    present.put(customerState("C-1", { score: 600 }));
    await round();
    const copy = present.copy();
    present.put(customerState("C-1", { score: 500 }));
    await round();
    expect(scores()).toEqual([500]);
    present.restore(copy);
    await round();
    expect(scores()).toEqual([500]);
    present.put(customerState("C-1", { score: 500 }));
    present.put(customerState("C-1", { score: 480 }));
    await round();
    expect(scores()).toEqual([480]);
  });

  it("forgets who was erased", async () => {
    const { present, directory, round, scan } = setUp();
    present.put(customerState("C-1"));
    present.put(customerState("C-2"));
    await round();
    present.erase("C-1");
    await round();
    expect([...directory.ids()]).toEqual(["C-2"]);
    present.erase("C-2");
    await scan.refresh(["C-2"]);
    expect(directory.size()).toBe(0);
  });
});

describe("alerts against states", () => {
  const logNow = (): number => 1_000_000;

  it("drops what no state holds, and leaves the young alone", async () => {
    const present = memoryPresent();
    const book = createAlertBook();
    const old = new Date(0).toISOString();
    const young = new Date(logNow()).toISOString();
    book.apply(alertView({ alertId: "held", updatedAt: old }), 0);
    book.apply(alertView({ alertId: "lost", updatedAt: old }), 0);
    book.apply(alertView({ alertId: "young", updatedAt: young }), 0);
    const erased = { alertId: "erased", customerId: "C-9", updatedAt: old };
    book.apply(alertView(erased), 0);
    present.put(
      customerState("C-1", { alerts: [openAlert({ alertId: "held" })] }),
    );
    const ops = await reconcileAlerts({ book, present, logNow });
    expect(ops.map((op) => op.key).sort()).toEqual(["erased", "lost"]);
    expect(book.list()).toHaveLength(2);
  });
});

describe("customer pages", () => {
  const setUp = () => {
    let now = 0;
    const rooms = new Set<string>();
    const present = memoryPresent();
    const feed = createFeed("e1");
    const fetched: string[] = [];
    const pages = createCustomerPages({
      ...{ feed, present, rebuilding: createRebuilding() },
      hasRoom: (room) => rooms.has(room),
      now: () => now,
      processor: {
        customer: async (id) => {
          fetched.push(id);
          const state = await present.state(id);
          if (state === null) return null;
          return { customerId: id, score: state.score } as CustomerView;
        },
      },
    });
    const wait = (ms: number): void => {
      now += ms;
    };
    return { pages, present, feed, fetched, rooms, wait };
  };

  it("are refused for customers nobody knows", async () => {
    const { pages, feed } = setUp();
    expect(await pages.subscribe("C-1", undefined)).toMatchObject({
      error: { code: "customer_unknown" },
    });
    expect(feed.knows("customer", { id: "C-1" })).toBe(false);
  });

  it("are fetched once, and again when the state moved", async () => {
    const { pages, present, feed, fetched } = setUp();
    present.put(customerState("C-1"));
    await pages.subscribe("C-1", undefined);
    await pages.subscribe("C-1", undefined);
    await pages.refresh();
    expect(fetched).toEqual(["C-1"]);
    present.put(customerState("C-1", { score: 500 }));
    await pages.refresh();
    pages.touch("C-1");
    await pages.refresh();
    expect(fetched).toHaveLength(3);
    const [delta] = feed.flush(1);
    expect(delta?.ops).toMatchObject([{ key: "view", value: { score: 500 } }]);
  });

  it("lose their view when the customer is erased", async () => {
    const { pages, present, feed } = setUp();
    present.put(customerState("C-1"));
    await pages.subscribe("C-1", undefined);
    present.erase("C-1");
    await pages.refresh();
    feed.flush(1);
    expect(feed.rows("customer", { id: "C-1" }).size).toBe(0);
  });

  it("stay while somebody is in them and leave after", async () => {
    const { pages, present, feed, rooms, wait } = setUp();
    present.put(customerState("C-1"));
    await pages.subscribe("C-1", undefined);
    rooms.add("customer:C-1");
    wait(3_600_000);
    pages.release();
    expect(feed.knows("customer", { id: "C-1" })).toBe(true);
    rooms.clear();
    pages.release();
    expect(feed.knows("customer", { id: "C-1" })).toBe(false);
  });

  it("are bounded", async () => {
    const { pages, present } = setUp();
    for (let i = 0; i <= watchedMax; i += 1) {
      present.put(customerState(`C-${String(i)}`));
    }
    for (let i = 0; i < watchedMax; i += 1) {
      await pages.subscribe(`C-${String(i)}`, undefined);
    }
    const last = await pages.subscribe(`C-${String(watchedMax)}`, undefined);
    expect(last).toMatchObject({ error: { code: "too_many_pages" } });
  });
});

describe("the hub", () => {
  const setUp = () => {
    const sent: LiveDelta[] = [];
    const acknowledged: string[] = [];
    const broadcast = createBroadcast();
    broadcast.attach((_, delta) => sent.push(delta));
    const hub = createHub({
      ...{ feed: createFeed("e1"), broadcast },
      rebuilding: createRebuilding(),
      now: () => 1000,
      logNow: () => 1000,
      onTouched: () => undefined,
      onAcknowledged: ({ alertId }) => acknowledged.push(alertId),
    });
    return { hub, sent, acknowledged };
  };
  const place = {
    partition: 0,
    offset: 1,
    n: 0,
    appendedAt: 5,
    actionId: null,
    announce: true,
  };

  it("tells once of an alert that a person took", () => {
    const { hub, acknowledged } = setUp();
    const output = (state: string, version: number): OutputRecord => {
      const value = { ...openAlert(), ...place, state, version };
      return { record: { name: "Alert", value }, outputAt: 10, live: true };
    };
    hub.onOutput(output("acknowledged", 1));
    expect(acknowledged).toEqual([]);
    hub.onOutput(output("open", 2));
    hub.onOutput(output("acknowledged", 3));
    hub.onOutput(output("acknowledged", 4));
    expect(acknowledged).toEqual([openAlert().alertId]);
  });

  it("sends alerts at once and counts them once", () => {
    const { hub, sent } = setUp();
    const record = {
      name: "Alert",
      value: { ...openAlert(), ...place },
    } as const;
    hub.onOutput({ record, outputAt: 10, live: true });
    hub.onOutput({ record, outputAt: 10, live: true });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.times).toEqual({
      eventTime: 0,
      appendTime: 5,
      emitTime: 1000,
    });
    expect(hub.openings.count(1000)).toBe(1);
    expect(hub.takeTouched(10)).toEqual(["C-1"]);
    expect(hub.takeTouched(10)).toEqual([]);
  });

  it("does not count muted alerts as new ones", () => {
    const { hub } = setUp();
    const silent = openAlert({ muted: true });
    const value = { ...silent, ...place, announce: false };
    hub.onOutput({
      record: { name: "Alert", value },
      outputAt: 10,
      live: true,
    });
    expect(hub.openings.count(1000)).toBe(0);
    expect(hub.book.list()).toHaveLength(1);
  });

  it("shows the latest of a burst of decisions, at the flush", () => {
    const { hub, sent } = setUp();
    const burst = 5 * listMax;
    for (let i = 0; i < burst; i += 1) {
      const value = {
        ...{ ...place, offset: i, id: `0-${String(i)}-0`, eventId: "e" },
        ...{ source: "s", orderId: "o", customerId: "C-1", name: "" },
        ...{ amount: 1, currency: "CNY", amountBase: 1, outcome: "allow" },
        ...{ codes: [], hits: [], trigger: "order", releaseCode: null },
        ...{ score: 600, class: "C", exposureBefore: 0, exposureAfter: 1 },
        ...{
          limit: null,
          reportingCurrency: "CNY",
          clearsZh: "",
          clearsEn: "",
        },
        ...{ actor: null, reason: null, muted: false, rulesetVersion: 1 },
        decidedAt: i,
        group: null,
      };
      hub.onOutput({
        record: { name: "Decision", value },
        outputAt: i,
        live: true,
      });
    }
    expect(sent).toEqual([]);
    hub.flush();
    expect(sent[0]?.ops).toHaveLength(listMax);
    expect(hub.decisions.list()[0]?.id).toBe(`0-${String(burst - 1)}-0`);
    expect(hub.takeDecisionCount()).toBe(burst);
    expect(hub.takeDecisionCount()).toBe(0);
  });
});

describe("waiting", () => {
  it("ends with the output that carries the action", async () => {
    const answers = createActionAnswers();
    const waiting = answers.wait("x");
    answers.offer({
      name: "ActionOutcome",
      value: {
        ...{ partition: 0, offset: 0, n: 0, appendedAt: 0, actionId: "x" },
        ...{ customerId: "C-1", target: "customer", targetId: "C-1" },
        ...{ outcome: "applied", code: "OK", message: "", current: "null" },
      },
    });
    expect((await waiting)?.name).toBe("ActionOutcome");
  });

  it("for a delta ends with it, or with the time", async () => {
    const broadcast = createBroadcast();
    const feed = createFeed("e1");
    const soon = broadcast.next("ops", 60_000);
    broadcast.send(feed.commit("ops", undefined, [], { emitTime: 0 }));
    await soon;
    await broadcast.next("ops", 1);
  });
});
