/** On call over HTTP, and the verbs `notify oncall` and `notify simulate`. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serviceSecret } from "@riskwall/schemas/home-keys";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildServer, type ServerDeps } from "./server.ts";
import { createSettings } from "./settings.ts";
import { createZoneOffset } from "./zone-offset.ts";

const clock = { now: Date.parse("2026-11-25T10:00:00+08:00") };

const duty = {
  people: [
    { id: "li", name: "李雷", default: [{ channel: "team" }] },
    { id: "han", name: "韩梅梅", user: "hmm", default: [{ channel: "team" }] },
    { id: "ma", name: "马", default: [{ channel: "team" }] },
  ],
  schedules: [
    {
      ...{ id: "duty", name: "值班" },
      rotations: [
        {
          ...{ name: "week", people: ["li", "han"], turn_days: 7 },
          starts: "2026-11-23T09:00",
        },
      ],
    },
    {
      ...{ id: "alone", name: "Alone" },
      rotations: [
        {
          ...{ name: "always", people: ["ma"], turn_days: 1 },
          starts: "2026-01-01T00:00",
        },
      ],
    },
    {
      ...{ id: "ended", name: "Ended" },
      rotations: [
        {
          ...{ name: "short", people: ["ma"], turn_days: 1 },
          ...{ starts: "2026-01-01T00:00", ends: "2026-02-01T00:00" },
        },
      ],
    },
  ],
  escalations: [
    {
      name: "chain",
      steps: [
        { notify: ["schedule:duty"], wait: "5m" },
        {
          notify: ["person:ma"],
          wait: "5m",
          only_if: { money: { amount: "1000.00", currency: "CNY" } },
        },
        { notify: ["schedule:ended"], wait: "5m" },
      ],
    },
  ],
};
const routing = {
  route: { receiver: "team", group_wait: "0s" },
  receivers: [{ name: "team", channels: ["team"], escalation: "chain" }],
};

const settings = createSettings();
const home = mkdtempSync(join(tmpdir(), "riskwall-oncall-"));
const secret = serviceSecret(home);
const headers = { authorization: `Bearer ${secret}` };
/** Only what routes of on call ask for; all else would throw. */
const deps: Partial<ServerDeps> = {
  secret,
  plan: settings.plan,
  shares: settings.shares,
  zoneOffset: createZoneOffset(),
  now: () => clock.now,
  reached: async (offset) => Promise.resolve(offset <= 7),
  firing: () => [],
  registry: new Registry(),
};
const app = buildServer(deps as ServerDeps);
let url = "";
beforeAll(async () => {
  for (const [key, value] of [
    ["oncall:main", duty],
    ["routing:main", routing],
  ] as const) {
    expect(settings.put(key, value)).toBeNull();
  }
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  rmSync(home, { recursive: true, force: true });
});

interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(path: string, payload?: object): Promise<Said> {
  const reply = await app.inject(
    payload === undefined
      ? { url: path, headers }
      : { method: "POST", url: path, payload, headers },
  );
  return { status: reply.statusCode, body: reply.json() };
}
const day = (date: string): string => `2026-${date}T01:00:00.000Z`;

describe("who is on call", () => {
  it("is said with until when and who is next", async () => {
    const { body } = await ask("/v1/oncall");
    expect(body["items"]).toMatchObject([
      {
        ...{ id: "duty", person: "li", personName: "李雷", by: "rotation" },
        until: day("11-30"),
        next: { person: "han", personName: "韩梅梅" },
        quality: { score: 100, reasons: [] },
      },
      // Nobody ever follows: no hand-over is made up at the end of the look.
      { id: "alone", person: "ma", until: null, next: null },
      { id: "ended", person: null, by: "gap", until: null, next: null },
    ]);
    expect(body["people"]).toEqual([
      { id: "li", name: "李雷", user: "li" },
      { id: "han", name: "韩梅梅", user: "hmm" },
      { id: "ma", name: "马", user: "ma" },
    ]);
  });

  it("follows from shifts, gaps, lanes and quality of a range", async () => {
    settings.put("override:o1", {
      ...{ id: "o1", schedule: "duty", person: "ma" },
      ...{ from: day("11-26"), to: day("11-27"), createdAt: day("11-20") },
    });
    const query = `from=${encodeURIComponent("2026-11-22T09:00:00+08:00")}`;
    const { body } = await ask(`/v1/oncall/duty?${query}&days=8`);
    settings.put("override:o1", null);
    expect(body).toMatchObject({
      items: [
        { person: null, by: "gap", from: day("11-22"), to: day("11-23") },
        { person: "li", to: day("11-26") },
        { person: "ma", by: "override", source: "o1", to: day("11-27") },
        { person: "li", to: day("11-30") },
      ],
      quality: {
        reasons: [{ code: "gap", value: 24 }, { code: "uneven_load" }],
      },
    });
    // A rotation's lane knows no override.
    expect(body["lanes"]).toMatchObject([
      { name: "week", items: [{ person: null }, { person: "li" }] },
    ]);
  });

  it.each([
    ["/v1/oncall/nobody", 404, "schedule_unknown", undefined],
    ["/v1/oncall/nobody/calendar.ics", 404, "schedule_unknown", undefined],
    ["/v1/people/nobody/calendar.ics", 404, "person_unknown", undefined],
    ["/v1/oncall/duty?days=1000", 422, "invalid_query", "days"],
    ["/v1/oncall/duty?from=soon", 422, "invalid_query", "from"],
    ["/v1/settings/reached/x", 400, "invalid_path", undefined],
  ])("%s is refused with %i %s", async (path, status, code, at) => {
    const said = await ask(path);
    expect(said).toMatchObject({ status, body: { status, code } });
    expect(said.body["path"]).toBe(at);
  });
});

describe("a subscribed calendar", () => {
  const read = async (path: string): Promise<string> => {
    const { body, headers: said } = await app.inject({ url: path, headers });
    expect(said["content-type"]).toMatch(/^text\/calendar/);
    return body.replaceAll("\r\n ", "");
  };
  const uids = (text: string): string[] => text.match(/UID:\S+/g) ?? [];

  it("keeps the ids of its shifts as days go by", async () => {
    const path = "/v1/oncall/duty/calendar.ics";
    const before = uids(await read(path));
    clock.now += 86_400_000;
    const after = uids(await read(path));
    clock.now -= 86_400_000;
    expect(after.slice(0, 5)).toEqual(before.slice(0, 5));
    expect(before).toContain(
      `UID:duty-${String(Date.parse(day("11-23")))}-li@riskwall`,
    );
  });

  it("of a person has their shifts of every schedule, and no gap", async () => {
    const li = await read("/v1/people/li/calendar.ics");
    expect(li).toContain("SUMMARY:李雷 · 值班");
    expect(li).not.toContain("韩梅梅");
    const ma = await read("/v1/people/ma/calendar.ics");
    expect(ma).toContain("SUMMARY:马 · Alone");
    expect(ma).not.toContain("缺岗");
  });
});

describe("an override or swap is checked", () => {
  const span = { from: day("11-26"), to: day("11-27") };
  const override = { id: "o2", schedule: "duty", person: "ma", ...span };
  const swap = { id: "s2", schedule: "duty", gives: "li", ...span };
  it.each([
    ["override", override, []],
    ["swap", swap, []],
    ["swap", { ...swap, takes: "ma" }, []],
    ["override", { ...override, person: "x" }, ["person: person_unknown"]],
    [
      "override",
      { ...override, schedule: "x" },
      ["schedule: schedule_unknown"],
    ],
    ["override", { ...override, to: override.from }, ["to: ends_before_begin"]],
    ["override", { ...override, to: "soon" }, ["to: invalid_format"]],
    [
      "override",
      { ...override, from: day("11-01"), to: day("11-02") },
      ["to: already_over"],
    ],
    ["override", { ...override, to: "2027-02-01T00:00:00Z" }, ["to: too_long"]],
    ["swap", { ...swap, gives: "han" }, ["gives: not_on_call"]],
    ["swap", { ...swap, takes: "li" }, ["takes: same_person"]],
    ["swap", { ...swap, takes: "x" }, ["takes: person_unknown"]],
  ])("%s %j: %j", async (kind, share, expected) => {
    const { body } = await ask("/v1/shares/check", { kind, share });
    const problems = body["problems"] as { path: string; code: string }[];
    expect(problems.map(({ path, code }) => `${path}: ${code}`)).toEqual(
      expected,
    );
  });

  it("and listed while it has not ended", async () => {
    const put = (id: string, to: string) =>
      settings.put(`swap:${id}`, { ...swap, id, from: day("11-01"), to });
    put("over", day("11-02"));
    put("on", day("11-27"));
    const { body } = await ask("/v1/shares");
    expect(body).toMatchObject({ overrides: [], swaps: [{ id: "on" }] });
    put("on", "soon");
    const { body: later } = await ask("/v1/shares");
    for (const id of ["over", "on"]) settings.put(`swap:${id}`, null);
    expect(later).toEqual({ overrides: [], swaps: [] });
  });

  it("and is in force once its place in the topic was read", async () => {
    const { body } = await ask("/v1/settings/reached/7");
    const { body: later } = await ask("/v1/settings/reached/8");
    expect([body, later]).toEqual([{ reached: true }, { reached: false }]);
  });
});

interface Ran {
  readonly code: number;
  readonly out: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}
const root = fileURLToPath(new URL("../..", import.meta.url));

async function notify(...args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    const env = {
      ...process.env,
      RISKWALL_NOTIFIER_URL: url,
      RISKWALL_HOME: home,
    };
    const child = execFile(
      process.execPath,
      ["notifier/src/cli.ts", ...args],
      { cwd: root, env },
      (_, stdout, stderr) => {
        const out = (
          stdout.startsWith("{") ? JSON.parse(stdout) : {}
        ) as object;
        done({ code: child.exitCode ?? -1, out: { ...out }, stderr });
      },
    );
  });
}

interface Step {
  readonly afterMs: number;
  readonly kind: string;
  readonly missed: { readonly target: string; readonly why: string } | null;
  readonly call: { readonly person: { readonly id: string } | null } | null;
}
/** Minutes, and whom a message calls or whom it does not reach. */
const told = ({ out }: Ran): string[] =>
  (out["items"] as Step[])
    .filter(({ call, missed }) => call !== null || missed !== null)
    .map(({ afterMs, call, missed }) =>
      [afterMs / 60_000, call?.person?.id ?? missed?.why].join(" "),
    );

describe("the verbs", () => {
  it("say who is on call, and the shifts of one schedule", async () => {
    const [all, one, none] = await Promise.all([
      notify("oncall"),
      notify("oncall", "duty", "--days", "7"),
      notify("oncall", "nobody"),
    ]);
    expect(all).toMatchObject({
      code: 0,
      out: { items: [{ person: "li" }, {}, {}] },
    });
    expect(one.out["items"]).toMatchObject([
      { person: "li" },
      { person: "han" },
    ]);
    expect(none).toMatchObject({ code: 1 });
    expect(none.stderr).toContain("schedule_unknown");
  });

  it("run ahead on an alert: steps, money, who takes it, who is missing", async () => {
    const [plain, dear, taken] = await Promise.all([
      notify("simulate", "--customer", "C-9"),
      notify("simulate", "--money", "1000.00CNY"),
      notify("simulate", "--ack-after", "2"),
    ]);
    expect(plain.code).toBe(0);
    expect(told(plain)).toEqual(["0 li", "5 nobody_on_call"]);
    expect(told(dear)).toEqual(["0 li", "5 ma", "10 nobody_on_call"]);
    expect(told(taken)).toEqual(["0 li"]);
  });

  it("refuse a number that is none, instead of taking it for never", async () => {
    const wrong = await Promise.all([
      notify("simulate", "--ack-after", "soon"),
      notify("simulate", "--money", "much"),
      notify("simulate", "--hours", "0"),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 1]);
    expect(wrong[2]?.stderr).toContain("invalid_body");
  });
});
