/** On call from the page's API to the notifier's plan, and a calendar program. */
import { expect, test } from "vitest";
import { startDashboard } from "../support/dashboard.ts";
import { testNamespace } from "../support/namespace.ts";
import { startNotifier, writeSetting } from "../support/notifier.ts";
import { waitFor } from "../support/stack.ts";

const hourMs = 3_600_000;

test("an override changes who is called, a swap hands it on, a calendar shows it", async () => {
  const space = await testNamespace();
  const notifier = await startNotifier(space);
  const dashboard = await startDashboard(space, {
    RISKWALL_NOTIFIER_URL: notifier.url,
  });
  const empty = await dashboard.get("/api/oncall");
  expect(empty.body).toMatchObject({ items: [], people: [], mine: [] });

  const ways = [{ channel: "team" }];
  await writeSetting(space, "oncall:main", {
    people: [
      { id: "li", name: "李雷", user: "operator", default: ways },
      { id: "han", name: "韩梅梅", default: ways },
    ],
    schedules: [
      {
        ...{ id: "duty", name: "值班" },
        rotations: [
          {
            ...{ name: "always", people: ["li"], turn_days: 7 },
            starts: "2026-01-05T09:00",
          },
        ],
      },
    ],
    escalations: [{ name: "chain", steps: [{ notify: ["schedule:duty"] }] }],
  });
  await writeSetting(space, "routing:main", {
    route: { receiver: "team", group_wait: "0s" },
    receivers: [{ name: "team", channels: ["team"], escalation: "chain" }],
  });
  const onCall = async (): Promise<unknown> => {
    const { body } = await dashboard.get("/api/oncall");
    return (body["items"] as { person: string }[])[0]?.person;
  };
  const called = async (): Promise<unknown> => {
    const example = { severity: "critical", rule: "ORD-01", customer: "C-1" };
    const { body } = await dashboard.send(
      ...(["POST", "/api/oncall/simulate", example] as const),
    );
    const items = body["items"] as {
      call: { person: { id: string } } | null;
    }[];
    return items.find(({ call }) => call !== null)?.call?.person.id;
  };
  await waitFor(async () => (await called()) === "li");
  expect((await dashboard.get("/api/oncall")).body["mine"]).toEqual(["li"]);

  const span = {
    schedule: "duty",
    from: new Date(Date.now() - hourMs).toISOString(),
    to: new Date(Date.now() + hourMs).toISOString(),
  };
  const post = async (path: string, body: object) =>
    dashboard.send("POST", `/api/oncall/${path}`, body);
  const wrong = await post("overrides", { ...span, person: "nobody" });
  expect(wrong).toMatchObject({
    status: 422,
    body: { code: "person_unknown", path: "person" },
  });
  const noInstant = await post("overrides", {
    ...span,
    to: "x",
    person: "han",
  });
  expect(noInstant).toMatchObject({ status: 422, body: { path: "to" } });

  // In force as soon as it is answered: the notifier was waited for.
  const override = await post("overrides", { ...span, person: "han" });
  expect(override.status).toBe(201);
  expect([await onCall(), await called()]).toEqual(["han", "han"]);
  const swap = await post("swaps", { ...span, gives: "han" });
  expect(swap.status).toBe(201);
  expect(await onCall()).toBe("han");
  const taking = `swaps/${String(swap.body["id"])}/take`;
  expect((await post(taking, {})).status).toBe(200);
  expect(await onCall()).toBe("li");
  expect((await post(taking, {})).body["code"]).toBe("swap_taken");

  const made = await post("calendars", {
    ...{ name: "phone", of: { kind: "person", id: "han" } },
  });
  const { pathname } = new URL(String(made.body["url"]));
  const read = async (): Promise<Response> =>
    fetch(`${dashboard.url}${pathname}`);
  const calendar = await read();
  expect(calendar.headers.get("content-type")).toMatch(/^text\/calendar/);
  expect(await calendar.text()).toContain("BEGIN:VCALENDAR");
  const ending = `calendars/${String(made.body["calendarId"])}/revoke`;
  expect((await post(ending, {})).status).toBe(204);
  expect((await read()).status).toBe(404);

  for (const path of [
    `swaps/${String(swap.body["id"])}`,
    `overrides/${String(override.body["id"])}`,
  ]) {
    const gone = await dashboard.send("DELETE", `/api/oncall/${path}`);
    expect(gone.status).toBe(204);
  }
  expect(await onCall()).toBe("li");
  expect((await dashboard.get("/api/oncall/shares")).body).toEqual({
    ...{ overrides: [], swaps: [] },
  });
});
