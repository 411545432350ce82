import { describe, expect, it } from "vitest";
import webPush from "web-push";
import type { HttpSending } from "./channel.ts";
import { parseChannel } from "./channel-kinds.ts";
import { createPushBrowser } from "./open-push.test-support.ts";
import { letterOfNotice } from "./sample-letter.test-support.ts";
import { sampleBrief, sampleNotice } from "./sample-notice.test-support.ts";
import type { PushBody } from "./webpush.ts";

it("the test's browser opens the message of RFC 8291, appendix A", () => {
  const browser = createPushBrowser(
    "BTBZMqHH6r4Tts7J_aSIgg",
    "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
  );
  const message =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml" +
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
  expect(browser.open(Buffer.from(message, "base64url"))).toBe(
    "When I grow up, I want to be a watermelon",
  );
});

const browser = createPushBrowser("BTBZMqHH6r4Tts7J_aSIgg");
const base = { id: "push", kind: "webpush", subject: "mailto:ops@example.com" };
const bound = {
  ...{ ...base, ...webPush.generateVAPIDKeys(), ...browser.keys },
  endpoint: "https://push.example/send/abc",
};

function send(severity: string, kind: "firing" | "resolved"): HttpSending {
  const channel = parseChannel(bound);
  if (typeof channel === "string") throw new Error(channel);
  const notice = sampleNotice([sampleBrief({ severity })], kind);
  const sending = channel.build(letterOfNotice(notice));
  if (sending.kind !== "http") throw new Error("not by HTTP");
  return sending;
}
const opened = ({ body }: HttpSending): PushBody =>
  JSON.parse(browser.open(Buffer.from(body))) as PushBody;

describe("a push", () => {
  it("opens the alert on the phone, without sign-in", () => {
    const body = opened(send("critical", "firing"));
    expect(body).toMatchObject({ sev: "critical", t: expect.any(String) });
    expect(body.url).toMatch(/^\/m\/a\/A-1#rw_alert_/);
  });

  it.each([
    ["critical", "firing", "high", "300"],
    ["high", "firing", "high", "3600"],
    ["medium", "firing", "normal", "3600"],
    ["critical", "resolved", "normal", "3600"],
  ] as const)("of %s %s is of %s urgency", (severity, kind, urgency, ttl) => {
    const { headers } = send(severity, kind);
    expect(headers).toMatchObject({ urgency, ttl });
    expect(headers["topic"]).toMatch(/^[\w-]{32}$/);
  });

  it("of a group replaces the one before", () => {
    const [first, second] = [send("high", "firing"), send("high", "resolved")];
    expect(second.headers["topic"]).toBe(first.headers["topic"]);
    expect(opened(second).tag).toBe(opened(first).tag);
  });

  it("goes to nobody while no browser is registered", () => {
    const channel = parseChannel(base);
    if (typeof channel === "string") throw new Error(channel);
    expect(channel.build(letterOfNotice(sampleNotice()))).toEqual({
      ...{ kind: "none", why: "no browser is registered" },
    });
  });

  it.each([
    [201, "ok"],
    [404, "disable"],
    [410, "disable"],
    [413, "payload"],
    [401, "config"],
    [403, "config"],
    [429, "retry"],
    [500, "retry"],
  ])("answered by %s is %s", (status, kind) => {
    const channel = parseChannel(bound);
    if (typeof channel === "string") throw new Error(channel);
    const reply = { status, headers: {}, body: "" };
    expect(channel.judge(reply, 0).kind).toBe(kind);
  });
});
