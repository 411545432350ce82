/**
 * Providers as they behave: they check what is sent, count it, and answer with
 * their own codes, HTTP 200 or not. Time is what the test says.
 */
import { createHmac } from "node:crypto";
import webPush from "web-push";
import type { Reply } from "../core/retry.ts";
import type { HttpSending } from "./channel.ts";
import { signAlibaba, signTencent } from "./sign-cloud.ts";
import { createPushBrowser, isVapidOf } from "./open-push.test-support.ts";

export interface FakeProvider {
  /** Answers a request as the provider would at that instant. */
  readonly answer: (sending: HttpSending, now: number) => Reply;
  /** Bodies that were accepted, as text. */
  readonly accepted: string[];
  /** What a reader sees of a request. */
  readonly text: (sending: HttpSending) => string;
  /** Answers that said it was too much. */
  readonly throttled: () => number;
}

const reply = (status: number, body: object | string, headers = {}): Reply => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

interface Window {
  readonly permits: number;
  readonly windowMs: number;
  /** Nothing more for so long once it is too much. */
  readonly banMs: number;
}

interface Fake {
  readonly windows: readonly Window[];
  readonly maxBytes: number;
  readonly tooMuch: Reply;
  readonly tooLong: Reply;
  readonly accept: Reply;
  /** JSON text of a request that is not plain JSON. */
  readonly open?: (sending: HttpSending) => string;
  /** A refusal by what is wrong with the request, or null. */
  readonly check: (
    sending: HttpSending,
    json: Json,
    now: number,
  ) => Reply | null;
}
type Json = Readonly<Record<string, unknown>>;

const sha256 = (key: string, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64");

/** Secrets and keys that the fakes know. */
export const fakeSecrets = {
  feishu: "demo",
  dingtalk: "SECdemo",
  key: "key-1",
} as const;

/** The browser that a push is for, and the key pair that it was told of. */
export const fakeBrowser = createPushBrowser("BTBZMqHH6r4Tts7J_aSIgg");
export const fakeVapid = webPush.generateVAPIDKeys();

/** Variables of a template: short, without addresses and brackets. */
function fitsTemplate(values: readonly unknown[]): boolean {
  return (
    values.length === 4 &&
    values.every(
      (it) =>
        typeof it === "string" &&
        it !== "" &&
        it.length <= 35 &&
        !/https?:|www\.|[【】]/.test(it),
    )
  );
}

const twilioLogin = Buffer.from(`AC${"0".repeat(32)}:${fakeSecrets.key}`);
const twilioFake: Fake = {
  windows: [{ permits: 60, windowMs: 60_000, banMs: 0 }],
  maxBytes: 4000,
  tooMuch: reply(429, { code: 20_429, message: "Too Many Requests" }),
  tooLong: reply(400, { code: 21_617, message: "too long" }),
  accept: reply(201, { sid: "SM1", status: "queued" }),
  open: ({ body }) =>
    JSON.stringify(Object.fromEntries(new URLSearchParams(body.toString()))),
  check: ({ headers }) =>
    headers["authorization"] === `Basic ${twilioLogin.toString("base64")}`
      ? null
      : reply(401, { code: 20_003, message: "Authenticate" }),
};

const fakes = {
  feishu: {
    windows: [
      { permits: 100, windowMs: 60_000, banMs: 0 },
      { permits: 5, windowMs: 1000, banMs: 0 },
    ],
    maxBytes: 20_480,
    tooMuch: reply(200, { code: 11_232, msg: "frequency limited" }),
    tooLong: reply(200, { code: 9499, msg: "Bad Request" }),
    accept: reply(200, { code: 0, msg: "success" }),
    check: (_, json, now) => {
      const ts = String(json["timestamp"]);
      const wanted = sha256(`${ts}\n${fakeSecrets.feishu}`, "");
      const late = Math.abs(Number(ts) * 1000 - now) > 3_600_000;
      return json["sign"] === wanted && !late
        ? null
        : reply(200, { code: 19_021, msg: "sign match fail" });
    },
  },
  dingtalk: {
    windows: [{ permits: 20, windowMs: 60_000, banMs: 600_000 }],
    maxBytes: 20_000,
    tooMuch: reply(200, { errcode: 130_101, errmsg: "send too fast" }),
    tooLong: reply(200, { errcode: 40_035, errmsg: "bad parameter" }),
    accept: reply(200, { errcode: 0, errmsg: "ok" }),
    check: ({ url }, _, now) => {
      const { searchParams } = new URL(url);
      const ts = searchParams.get("timestamp") ?? "";
      const { dingtalk: secret } = fakeSecrets;
      const good =
        searchParams.get("sign") === sha256(secret, `${ts}\n${secret}`) &&
        Math.abs(Number(ts) - now) <= 3_600_000;
      const wrong = { errcode: 310_000, errmsg: "sign not match" };
      return good ? null : reply(200, wrong);
    },
  },
  wecom: {
    windows: [{ permits: 20, windowMs: 60_000, banMs: 0 }],
    maxBytes: 4400,
    tooMuch: reply(200, { errcode: 45_009, errmsg: "api freq out of limit" }),
    tooLong: reply(200, { errcode: 40_058, errmsg: "content too long" }),
    accept: reply(200, { errcode: 0, errmsg: "ok" }),
    check: ({ url }, json) => {
      if (new URL(url).searchParams.get("key") !== fakeSecrets.key) {
        return reply(200, { errcode: 93_000, errmsg: "invalid webhook url" });
      }
      const { content } = json["markdown"] as { content: string };
      return Buffer.byteLength(content) <= 4096
        ? null
        : reply(200, { errcode: 40_058, errmsg: "content too long" });
    },
  },
  slack: {
    windows: [{ permits: 60, windowMs: 60_000, banMs: 0 }],
    maxBytes: 16_000,
    tooMuch: reply(429, "rate_limited", { "retry-after": "30" }),
    tooLong: reply(400, "invalid_blocks"),
    accept: reply(200, "ok"),
    check: ({ url }) =>
      url.endsWith(fakeSecrets.key) ? null : reply(404, "no_service"),
  },
  pagerduty: {
    windows: [{ permits: 120, windowMs: 60_000, banMs: 0 }],
    maxBytes: 512_000,
    tooMuch: reply(429, { status: "throttle exceeded" }),
    tooLong: reply(413, ""),
    accept: reply(202, { status: "success", dedup_key: "x" }),
    check: (_, json) =>
      json["routing_key"] === fakeSecrets.key
        ? null
        : reply(400, { errors: ["'routing_key' is invalid"] }),
  },
  opsgenie: {
    windows: [{ permits: 120, windowMs: 60_000, banMs: 0 }],
    maxBytes: 100_000,
    tooMuch: reply(429, { message: "too many requests" }),
    tooLong: reply(422, { message: "too long" }),
    accept: reply(202, { result: "Request will be processed" }),
    check: ({ headers }) =>
      headers["authorization"] === `GenieKey ${fakeSecrets.key}`
        ? null
        : reply(401, { message: "Could not authenticate" }),
  },
  flashduty: {
    windows: [{ permits: 300, windowMs: 60_000, banMs: 0 }],
    maxBytes: 100_000,
    tooMuch: reply(429, { error: { code: "RequestTooFrequently" } }),
    tooLong: reply(400, { error: { code: "InvalidParameter" } }),
    accept: reply(200, { request_id: "1", data: {} }),
    check: ({ url }) => {
      const key = new URL(url).searchParams.get("integration_key");
      const error = { code: "AccessDenied", message: "wrong key" };
      return key === fakeSecrets.key ? null : reply(400, { error });
    },
  },
  webpush: {
    windows: [{ permits: 240, windowMs: 60_000, banMs: 0 }],
    maxBytes: 4096,
    tooMuch: reply(429, "", { "retry-after": "60" }),
    tooLong: reply(413, ""),
    accept: reply(201, ""),
    open: ({ body }) => fakeBrowser.open(Buffer.from(body)),
    check: ({ headers, url }) => {
      const { origin } = new URL(url);
      const { authorization = "" } = headers;
      const known = isVapidOf(
        ...([authorization, fakeVapid.publicKey, origin, Date.now()] as const),
      );
      return known && headers["content-encoding"] === "aes128gcm"
        ? null
        : reply(403, "");
    },
  },
  "alibaba-sms": {
    windows: [{ permits: 50, windowMs: 86_400_000, banMs: 0 }],
    maxBytes: 0,
    tooMuch: reply(200, { Code: "Throttling.User", Message: "too fast" }),
    tooLong: reply(400, { Code: "isv.PARAM_LENGTH_LIMIT" }),
    accept: reply(200, { Code: "OK", Message: "OK", BizId: "1" }),
    open: ({ url }) => new URL(url).searchParams.get("TemplateParam") ?? "{}",
    check: ({ url, headers }, json) => {
      const { searchParams, host } = new URL(url);
      const query = Object.fromEntries(searchParams);
      const wanted = signAlibaba({
        ...{ host, query, action: "SendSms", version: "2017-05-25" },
        ...{ keyId: "id", keySecret: fakeSecrets.key },
        nonce: headers["x-acs-signature-nonce"] ?? "",
        now: Date.parse(headers["x-acs-date"] ?? ""),
      });
      if (headers["authorization"] !== wanted.headers["authorization"]) {
        return reply(400, { Code: "SignatureDoesNotMatch", Message: "" });
      }
      return fitsTemplate(Object.values(json))
        ? null
        : reply(200, { Code: "isv.PARAM_LENGTH_LIMIT", Message: "" });
    },
  },
  "tencent-sms": {
    windows: [{ permits: 60, windowMs: 60_000, banMs: 0 }],
    maxBytes: 2000,
    tooMuch: reply(200, {
      Response: { Error: { Code: "RequestLimitExceeded", Message: "" } },
    }),
    tooLong: reply(200, {
      Response: { Error: { Code: "InvalidParameterValue", Message: "" } },
    }),
    accept: reply(200, { Response: { SendStatusSet: [{ Code: "Ok" }] } }),
    check: ({ headers, body }, json) => {
      const wanted = signTencent({
        ...{ host: "sms.tencentcloudapi.com", service: "sms", region: "" },
        ...{ action: "", version: "", body: body.toString(), secretId: "id" },
        secretKey: fakeSecrets.key,
        now: Number(headers["x-tc-timestamp"]) * 1000,
      });
      const failed = (Code: string): Reply =>
        reply(200, { Response: { Error: { Code, Message: "" } } });
      if (headers["authorization"] !== wanted.headers["authorization"]) {
        return failed("AuthFailure.SignatureFailure");
      }
      return fitsTemplate(json["TemplateParamSet"] as readonly unknown[])
        ? null
        : failed("InvalidParameterValue.TemplateParameterLengthLimit");
    },
  },
  "twilio-sms": twilioFake,
  "twilio-voice": twilioFake,
  "feishu-app": {
    windows: [
      { permits: 1000, windowMs: 60_000, banMs: 0 },
      { permits: 5, windowMs: 1000, banMs: 0 },
    ],
    maxBytes: 30_720,
    tooMuch: reply(429, { code: 11_232, msg: "frequency limited" }),
    tooLong: reply(400, { code: 230_025, msg: "too long" }),
    accept: reply(200, { code: 0, msg: "success" }),
    check: ({ token }, json) => {
      const { app_secret: secret } = JSON.parse(
        token?.ask.body.toString() ?? "{}",
      ) as { app_secret?: string };
      if (secret !== fakeSecrets.key) {
        return reply(200, { code: 10_014, msg: "app secret invalid" });
      }
      const { content } = json as { content: unknown };
      return typeof content === "string" && content.startsWith("{")
        ? null
        : reply(400, { code: 230_001, msg: "content is no text" });
    },
  },
} satisfies Readonly<Record<string, Fake>>;
export type FakeName = keyof typeof fakes;

export function createFakeProvider(name: FakeName): FakeProvider {
  const fake: Fake = fakes[name];
  const accepted: string[] = [];
  const at: number[] = [];
  let bannedUntil = 0;
  let throttled = 0;
  const tooMuch = (now: number): boolean => {
    if (now < bannedUntil) return true;
    at.push(now);
    const over = fake.windows.find(
      ({ permits, windowMs }) =>
        at.filter((one) => one > now - windowMs).length > permits,
    );
    if (over) bannedUntil = now + over.banMs;
    return over !== undefined;
  };
  const text = (sending: HttpSending): string =>
    fake.open?.(sending) ?? sending.body.toString();
  return {
    ...{ accepted, text },
    throttled: () => throttled,
    answer: (sending, now) => {
      if (tooMuch(now)) {
        throttled += 1;
        return fake.tooMuch;
      }
      if (Buffer.byteLength(sending.body) > fake.maxBytes) return fake.tooLong;
      const body = text(sending);
      const json = JSON.parse(body) as Json;
      const refused = fake.check(sending, json, now);
      if (refused) return refused;
      accepted.push(body);
      return fake.accept;
    },
  };
}
