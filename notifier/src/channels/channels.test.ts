import { alertCode } from "@riskwall/schemas/alert-code";
import { alertLinkToken } from "@riskwall/schemas/alert-links";
import { describe, expect, it } from "vitest";
import webPush from "web-push";
import { digestOf, type Notice } from "../core/notice.ts";
import type { HttpSending } from "./channel.ts";
import { parseChannel, type BoundChannel } from "./channel-kinds.ts";
import {
  createFakeProvider,
  fakeBrowser,
  fakeVapid,
  fakeSecrets,
  type FakeName,
} from "./fake-provider.test-support.ts";
import { providerLimits, usedPercent } from "./provider-limits.ts";
import {
  letterOfNotice,
  sampleLinkKey,
  sampleNow,
} from "./sample-letter.test-support.ts";
import {
  hostileName,
  sampleBrief,
  sampleNotice,
} from "./sample-notice.test-support.ts";

const now = sampleNow;
const { key } = fakeSecrets;
/** Channels that people read: they bring the link that needs no sign-in. */
const readByPeople: readonly string[] = [
  ...["feishu", "feishu-app", "dingtalk", "wecom", "slack", "webpush"],
];
/** Channels that say it in short, and how the alert is found by its code. */
const inShort: readonly string[] = [
  ...["alibaba-sms", "tencent-sms", "twilio-sms", "twilio-voice"],
];
/** Channels with markup of their own. */
const withMarkup: readonly string[] = [
  ...["feishu", "feishu-app", "dingtalk", "wecom", "slack"],
];

const alibaba = {
  ...{ accessKeyId: "id", signName: "风险墙", templateCode: "SMS_1" },
  mobiles: ["13800000000"],
};
const tencent = {
  ...{ secretId: "id", sdkAppId: "1400000000", signName: "风险墙" },
  ...{ templateId: "1", mobiles: ["+8613800000000"] },
};
const twilio = {
  ...{ accountSid: `AC${"0".repeat(32)}`, from: "+15005550006" },
  mobiles: ["+8613800000000"],
};
const feishuApp = { appId: "cli_1", receiver: { type: "chat_id", id: "oc_1" } };

const pushTo = {
  ...{ subject: "mailto:ops@example.com", ...fakeBrowser.keys },
  endpoint: "https://push.example/send/1",
};

/** Settings of every channel by HTTP, right and with a wrong secret. */
const given: Readonly<Record<FakeName, { right: object; wrong: object }>> = {
  feishu: {
    right: { url: "https://open.feishu.cn/hook/1", secret: fakeSecrets.feishu },
    wrong: { url: "https://open.feishu.cn/hook/1", secret: "other" },
  },
  dingtalk: {
    right: {
      url: "https://oapi.dingtalk.com/robot/send?access_token=t",
      secret: fakeSecrets.dingtalk,
      mobiles: ["13800000000"],
    },
    wrong: { url: "https://oapi.dingtalk.com/robot/send", secret: "SECx" },
  },
  wecom: {
    right: {
      url: `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`,
    },
    wrong: { url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x" },
  },
  slack: {
    right: { url: `https://hooks.slack.com/services/T/B/${key}` },
    wrong: { url: "https://hooks.slack.com/services/T/B/x" },
  },
  pagerduty: { right: { routingKey: key }, wrong: { routingKey: "x" } },
  opsgenie: { right: { apiKey: key }, wrong: { apiKey: "x" } },
  flashduty: { right: { integrationKey: key }, wrong: { integrationKey: "x" } },
  webpush: {
    right: { ...pushTo, ...fakeVapid },
    wrong: { ...pushTo, ...webPush.generateVAPIDKeys() },
  },
  "alibaba-sms": {
    right: { ...alibaba, accessKeySecret: key },
    wrong: { ...alibaba, accessKeySecret: "x" },
  },
  "tencent-sms": {
    right: { ...tencent, secretKey: key },
    wrong: { ...tencent, secretKey: "x" },
  },
  "twilio-sms": {
    right: { ...twilio, authToken: key },
    wrong: { ...twilio, authToken: "x" },
  },
  "twilio-voice": {
    right: { ...twilio, authToken: key },
    wrong: { ...twilio, authToken: "x" },
  },
  "feishu-app": {
    right: { ...feishuApp, appSecret: key },
    wrong: { ...feishuApp, appSecret: "x" },
  },
};
// The names of `given` are those of the fakes.
const names = Object.keys(given) as FakeName[];

function channelOf(kind: string, settings: object): BoundChannel {
  const channel = parseChannel({ id: "c", kind, ...settings });
  if (typeof channel === "string") throw new Error(channel);
  return channel;
}

function http(channel: BoundChannel, notice: Notice): HttpSending {
  const sending = channel.build(letterOfNotice(notice));
  if (sending.kind !== "http") throw new Error("not by HTTP");
  return sending;
}

/** What a reader sees of a notice. */
function textOf(name: FakeName, notice: Notice): string {
  const channel = channelOf(name, given[name].right);
  return createFakeProvider(name).text(http(channel, notice));
}

/** As many critical alerts as one digest of the channel may stand for. */
function fullDigest(name: FakeName): Notice {
  const count = Math.max(providerLimits[name].digestMax, 1);
  const notices = Array.from({ length: count }, (_, i) =>
    sampleNotice([
      sampleBrief({
        alertId: `A-${String(i)}`,
        titleZh: `第${String(i)}号 ${"很长的标题".repeat(30)}`,
      }),
    ]),
  );
  return digestOf("d", notices, now);
}

it.each(names.filter((name) => !inShort.includes(name)))(
  "%s says what, how much, why, what to do and where",
  (name) => {
    const body = textOf(name, sampleNotice());
    for (const part of ["恒远机电", "600000.00", "原因三", "先核实再放行"]) {
      expect(body).toContain(part);
    }
    expect(body).not.toContain("原因四");
    const desk = body.includes("risk.example/alerts?open=A-1");
    expect(desk).toBe(name !== "webpush");
    const link = `/m/a/A-1#${alertLinkToken(sampleLinkKey, "A-1", now)}`;
    expect(body.includes(link)).toBe(readByPeople.includes(name));
  },
);

it.each(names.filter((name) => inShort.includes(name)))(
  "%s says what and how much in short",
  (name) => {
    const body = textOf(name, sampleNotice());
    for (const part of ["恒远机电", "600000.00", alertCode("A-1")]) {
      expect(body).toContain(part);
    }
    expect(body).not.toContain("risk.example");
  },
);

describe.each(names)("channel %s", (name) => {
  const right = (): BoundChannel => channelOf(name, given[name].right);

  it.each(["firing", "update", "resolved", "digest", "test"] as const)(
    "has a %s message taken",
    (kind) => {
      const provider = createFakeProvider(name);
      const channel = right();
      const notice = sampleNotice([sampleBrief()], kind);
      const reply = provider.answer(http(channel, notice), now);
      expect(channel.judge(reply, now)).toEqual({ kind: "ok" });
      expect(provider.accepted).toHaveLength(1);
    },
  );

  it("has no link without sign-in where it is about many", () => {
    const body = textOf(name, fullDigest(name));
    const one = fullDigest(name).firingCount === 1;
    if (!one) expect(body).not.toContain("rw_alert_");
  });

  it("names every critical alert of a full digest, within the size", () => {
    const provider = createFakeProvider(name);
    const channel = right();
    const notice = fullDigest(name);
    const sending = http(channel, notice);
    expect(channel.judge(provider.answer(sending, now), now).kind).toBe("ok");
    const body = provider.text(sending);
    for (let i = 0; i < notice.firingCount; i += 1) {
      expect(body).toContain(`第${String(i)}号`);
    }
  });

  it("takes a wrong secret for a matter of set-up", () => {
    const provider = createFakeProvider(name);
    const channel = channelOf(name, given[name].wrong);
    const reply = provider.answer(http(channel, sampleNotice()), now);
    expect(channel.judge(reply, now).kind).toBe("config");
  });

  it("takes being throttled for a reason to come back", () => {
    const provider = createFakeProvider(name);
    const channel = right();
    const sending = http(channel, sampleNotice());
    let outcome = channel.judge(provider.answer(sending, now), now);
    for (let i = 0; i < 400 && outcome.kind === "ok"; i += 1) {
      outcome = channel.judge(provider.answer(sending, now), now);
    }
    expect(outcome.kind).toBe("retry");
  });

  it.each([
    [502, "retry"],
    [429, "retry"],
  ])("tries again after HTTP %s without a body", (status, kind) => {
    const reply = { status, headers: {}, body: "" };
    expect(right().judge(reply, now).kind).toBe(kind);
  });

  it("uses no more than its part of every limit", () => {
    const { quotas } = right().rules;
    for (const [i, { permits, windowMs }] of quotas.entries()) {
      const whole = providerLimits[name].quotas[i];
      expect(windowMs).toBe(whole?.windowMs);
      const part = ((whole?.permits ?? 0) * usedPercent) / 100;
      expect(permits).toBeLessThanOrEqual(part);
    }
  });

  it("shows a hostile name as text", () => {
    const notice = sampleNotice([sampleBrief({ customerName: hostileName })]);
    const body = textOf(name, notice);
    if (withMarkup.includes(name)) {
      // The app's card is JSON in a text.
      const { content } = JSON.parse(body) as { content?: string };
      const card: unknown = JSON.parse(content ?? body);
      const texts = JSON.stringify(textsUnder(card, "plain_text"));
      expect(texts).not.toMatch(/<at id|\[机电\]|@all/);
    }
  });
});

/** All texts but those of elements that show no markup. */
function textsUnder(value: unknown, inertTag: string): unknown[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) {
    return value.flatMap((one) => textsUnder(one, inertTag));
  }
  if (typeof value !== "object" || value === null) return [];
  if ("tag" in value && value.tag === inertTag) return [];
  return Object.entries(value)
    .filter(([name]) => name !== "title")
    .flatMap(([, one]) => textsUnder(one, inertTag));
}

describe("codes in bodies, HTTP 200 all the same", () => {
  it.each([
    ["feishu", { code: 11_232, msg: "" }, "retry"],
    ["feishu", { code: 9499, msg: "" }, "payload"],
    ["feishu", { code: 19_024, msg: "Key Words Not Found" }, "config"],
    ["feishu", { code: 19_022, msg: "Ip Not Allowed" }, "config"],
    ["feishu", { StatusCode: 0 }, "retry"],
    ["dingtalk", { errcode: 130_101, errmsg: "" }, "retry"],
    ["dingtalk", { errcode: 310_000, errmsg: "" }, "config"],
    ["dingtalk", { errcode: -1, errmsg: "busy" }, "retry"],
    ["wecom", { errcode: 45_009, errmsg: "" }, "retry"],
    ["wecom", { errcode: 93_000, errmsg: "" }, "config"],
    ["wecom", { errcode: 40_058, errmsg: "" }, "payload"],
    ["flashduty", { error: { code: "AccessDenied" } }, "config"],
    ["alibaba-sms", { Code: "isv.BUSINESS_LIMIT_CONTROL" }, "payload"],
    ["alibaba-sms", { Code: "isv.AMOUNT_NOT_ENOUGH" }, "config"],
    ["alibaba-sms", { Code: "isp.SYSTEM_ERROR" }, "retry"],
    [
      "tencent-sms",
      { Response: { SendStatusSet: [{ Code: "InternalError.Timeout" }] } },
      "retry",
    ],
    [
      "tencent-sms",
      {
        Response: {
          SendStatusSet: [
            { Code: "LimitExceeded.PhoneNumberDailyLimit" },
            { Code: "Ok" },
          ],
        },
      },
      "ok",
    ],
    [
      "tencent-sms",
      {
        Response: {
          SendStatusSet: [{ Code: "LimitExceeded.PhoneNumberDailyLimit" }],
        },
      },
      "payload",
    ],
    ["tencent-sms", { Response: {} }, "retry"],
    ["feishu-app", { code: 10_014, msg: "" }, "config"],
    ["feishu-app", { code: 230_002, msg: "not in the chat" }, "config"],
    ["feishu-app", { code: 99_991_663, msg: "token invalid" }, "retry"],
    ["feishu-app", { code: 11_232, msg: "" }, "retry"],
  ] as const)("%s %j is %s", (name, body, kind) => {
    const reply = { status: 200, headers: {}, body: JSON.stringify(body) };
    expect(channelOf(name, given[name].right).judge(reply, now).kind).toBe(
      kind,
    );
  });

  it("leaves DingTalk alone for the ten minutes of its ban", () => {
    const body = '{"errcode":130101,"errmsg":"send too fast"}';
    const reply = { status: 200, headers: {}, body };
    const channel = channelOf("dingtalk", given.dingtalk.right);
    expect(channel.judge(reply, now)).toMatchObject({ coolMs: 600_000 });
  });
});

describe("Twilio's answers", () => {
  it.each([
    [400, { code: 21_211, message: "no number" }, "payload"],
    [400, { code: 21_608, message: "not verified" }, "config"],
    [403, { code: 20_003, message: "" }, "config"],
    [429, { code: 20_429, message: "" }, "retry"],
    [503, {}, "retry"],
  ])("%s %j is %s", (status, body, kind) => {
    const channel = channelOf("twilio-sms", given["twilio-sms"].right);
    const reply = { status, headers: {}, body: JSON.stringify(body) };
    expect(channel.judge(reply, now).kind).toBe(kind);
  });

  it("reads a call out as text, whatever the customer is called", () => {
    const notice = sampleNotice([sampleBrief({ customerName: "A&B <Say>" })]);
    const said = textOf("twilio-voice", notice);
    expect(said).not.toContain("<Say>");
    expect(said).toContain("A&#38;B");
  });
});

describe("webhook", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const url = "https://hooks.example/in";

  it("sends one alert as data itself, thin, with links", () => {
    const channel = channelOf("webhook", { url, secret });
    const sending = http(channel, sampleNotice());
    expect(sending.headers).toMatchObject({ "webhook-id": "msg_1" });
    const text = sending.body.toString();
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({
      type: "alert.firing",
      timestamp: "2026-11-20T08:30:00.000Z",
      data: {
        alertId: "A-1",
        severity: "critical",
        moneyAtRisk: "600000.00",
        link: "https://risk.example/alerts?open=A-1",
        customerLink: "https://risk.example/customers/C-1",
      },
    });
  });

  it("speaks Alertmanager's version 4 when asked", () => {
    const settings = { url, secret, format: "alertmanager", bearer: "t" };
    const sending = http(channelOf("webhook", settings), sampleNotice());
    expect(sending.headers["authorization"]).toBe("Bearer t");
    expect(JSON.parse(sending.body.toString())).toMatchObject({
      version: "4",
      status: "firing",
      groupLabels: { customer_id: "C-1" },
      commonLabels: { alertname: "ORD-01", severity: "critical" },
      alerts: [
        {
          status: "firing",
          startsAt: "2026-11-20T08:30:00.000Z",
          endsAt: "0001-01-01T00:00:00Z",
          fingerprint: "A-1",
        },
      ],
    });
  });

  it("refuses settings it cannot use, and says which", () => {
    const wrong = parseChannel({ id: "c", kind: "webhook", url: "x", secret });
    expect(wrong).toContain("url");
    expect(parseChannel({ id: "c", kind: "pigeon" })).toContain("pigeon");
  });
});
