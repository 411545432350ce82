import { describe, expect, it } from "vitest";
import type { Alert } from "@riskwall/schemas";
import type { Webhook } from "../io/settings.ts";
import { firingBody, isWanted } from "./message.ts";
import { parsePosition } from "./outbox.ts";
import { backoffMs, outcomeOf, pauseMs, retryAfterMs } from "./retry.ts";
import { deliveryId, signWebhook } from "./sign.ts";
import { checkTarget, isPublicAddress } from "./target.ts";

const hook: Webhook = {
  id: "ops",
  url: "https://example.com/hook",
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  minSeverity: "high",
  enabled: true,
  allowPrivate: false,
};
const alert: Alert = {
  partition: 0,
  offset: 1,
  n: 0,
  appendedAt: 0,
  actionId: null,
  alertId: "a/1",
  ruleId: "ORD-01",
  nameZh: "突发大额订单",
  nameEn: "Large sudden order",
  customerId: "C 1",
  customerName: "恒远机电",
  ref: "SO-1",
  severity: "high",
  state: "open",
  version: 1,
  actionVersion: 0,
  openedAt: 0,
  updatedAt: 0,
  eventTime: 0,
  triggerEventIds: ["e1"],
  reasons: [],
  explain: "{}",
  titleZh: "大额",
  titleEn: "large",
  suggestedZh: "核实",
  suggestedEn: "check",
  moneyAtRisk: 12_345,
  currency: "CNY",
  exposureBefore: 0,
  exposureAfter: 12_345,
  limit: null,
  utilisation: null,
  score: 600,
  class: "C",
  pd: "0.048",
  orderId: "SO-1",
  invoiceId: null,
  complaintId: null,
  assignee: null,
  snoozedUntil: null,
  muted: false,
  rulesetVersion: 1,
  actions: [],
  parent: null,
  quiet: null,
  announce: true,
};

describe("Standard Webhooks", () => {
  it("signs the published vector", () => {
    const body = '{"test": 2432232314}';
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    expect(signWebhook(hook.secret, id, 1_614_265_330, body)).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  it("names a delivery the same for ever, and each one differently", () => {
    const id = deliveryId("a1", "webhook:ops", "firing");
    expect(id).toMatch(/^msg_[\w-]{27}$/);
    expect(deliveryId("a1", "webhook:ops", "firing")).toBe(id);
    expect(deliveryId("a2", "webhook:ops", "firing")).not.toBe(id);
    expect(deliveryId("a1", "webhook:eu", "firing")).not.toBe(id);
  });
});

describe("which alerts are pushed", () => {
  it.each([
    ["a new one of the severity", {}, {}, true],
    ["a more severe one", { severity: "critical" }, {}, true],
    ["a milder one", { severity: "medium" }, {}, false],
    ["a muted one", { muted: true }, {}, false],
    ["a later version", { version: 2, announce: false }, {}, false],
    [
      "one that another alert leads, or that is quiet",
      { announce: false },
      {},
      false,
    ],
    ["one for a hook that is off", {}, { enabled: false }, false],
    [
      "a mild one when asked",
      { severity: "info" },
      { minSeverity: "info" },
      true,
    ],
  ] as const)("%s", (_, overAlert, overHook, wanted) => {
    const given = { ...alert, ...overAlert };
    expect(isWanted(given, { ...hook, ...overHook })).toBe(wanted);
  });

  it("tells what a receiver needs, with links, well below 20 KB", () => {
    const text = firingBody(alert, "http://wall.example");
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({
      type: "alert.firing",
      timestamp: "1970-01-01T00:00:00.000Z",
      data: {
        alertId: "a/1",
        moneyAtRisk: "123.45",
        currency: "CNY",
        link: "http://wall.example/alerts?alert=a%2F1",
        customerLink: "http://wall.example/customers/C%201",
      },
    });
  });
});

describe("after a reply", () => {
  it.each([
    [200, "ok"],
    [204, "ok"],
    [301, "fail"],
    [400, "fail"],
    [401, "fail"],
    [408, "retry"],
    [410, "disable"],
    [425, "retry"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
  ] as const)("status %s means %s", (status, kind) => {
    expect(outcomeOf(status, undefined, 0).kind).toBe(kind);
  });

  it.each([
    [undefined, null],
    ["", null],
    ["7", 7000],
    ["-1", null],
    ["soon", null],
    ["Thu, 01 Jan 1970 00:00:09 GMT", 9000],
    ["999999999", 86_400_000],
  ])("Retry-After %s is %s ms", (header, ms) => {
    expect(retryAfterMs(header, 0)).toBe(ms);
  });

  it("waits longer and longer, with full jitter", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 40].map((n) => pauseMs(n, null, 1));
    expect(longest).toEqual([...backoffMs, 1_800_000, 1_800_000]);
    expect(pauseMs(3, null, 0)).toBe(0);
    expect(pauseMs(3, null, 0.5)).toBe(15_000);
  });

  it("never comes back earlier than the receiver asked", () => {
    expect(pauseMs(1, 60_000, 0.5)).toBe(60_000);
  });
});

describe("where a webhook may point", () => {
  it.each([
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["172.31.255.255", false],
    ["192.168.1.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:8.8.8.8", false],
    ["fe80::1", false],
    ["fd00::1", false],
    ["64:ff9b::7f00:1", false],
    ["2002:7f00:1::", false],
    ["not an address", false],
    ["8.8.8.8", true],
    ["2606:4700:4700::1111", true],
  ])("%s is public: %s", (address, yes) => {
    expect(isPublicAddress(address)).toBe(yes);
  });

  it.each([
    ["http://8.8.8.8/", false, "refused"],
    ["https://8.8.8.8/", false, "ok"],
    ["https://user:pass@8.8.8.8/", true, "refused"],
    ["https://127.0.0.1/", false, "refused"],
    ["https://[::1]/", false, "refused"],
    ["https://[::ffff:10.0.0.1]/", false, "refused"],
    ["https://2130706433/", false, "refused"],
    ["http://127.0.0.1:1/", true, "ok"],
    ["ftp://8.8.8.8/", true, "refused"],
    ["nonsense", true, "refused"],
    ["https://localhost/", false, "refused"],
  ])("%s with allowPrivate %s is %s", async (url, allowPrivate, kind) => {
    expect((await checkTarget(url, allowPrivate)).kind).toBe(kind);
  });
});

describe("the stored position", () => {
  it("reads what was written", () => {
    expect(parsePosition(null)).toBeNull();
    expect(parsePosition("7 3 1")).toEqual({ next: 7, posOffset: 3, posN: 1 });
  });
});
