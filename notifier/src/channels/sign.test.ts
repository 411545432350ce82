import { describe, expect, it } from "vitest";
import { deliveryId, signDingtalk, signFeishu, signWebhook } from "./sign.ts";

describe("signatures, by published vectors", () => {
  it("Standard Webhooks", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const body = '{"test": 2432232314}';
    const one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    expect(signWebhook(secret, id, 1_614_265_330, body)).toBe(one);
    const two = signWebhook(`${secret} whsec_AAAA`, id, 1_614_265_330, body);
    expect(two.split(" ")).toHaveLength(2);
    expect(two.startsWith(`${one} v1,`)).toBe(true);
  });

  it("Feishu: the joined text is the key, seconds", () => {
    expect(signFeishu("demo", 1_599_360_473)).toBe(
      "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    );
  });

  it("DingTalk: the secret is the key, milliseconds", () => {
    const sign = signDingtalk("SECdemo", 1_599_360_473_000);
    expect(sign).toBe("tGWkA5eQOQNCNPDgphtxIoNLO+/gD8Lcb705KQoRzeY=");
    expect(encodeURIComponent(sign)).toBe(
      "tGWkA5eQOQNCNPDgphtxIoNLO%2B%2FgD8Lcb705KQoRzeY%3D",
    );
  });
});

it("names a delivery the same for ever, and each one differently", () => {
  const id = deliveryId("g", 1, "ops", "firing", 1);
  expect(id).toMatch(/^msg_[\w-]{27}$/);
  expect(deliveryId("g", 1, "ops", "firing", 1)).toBe(id);
  expect(deliveryId("g", 2, "ops", "firing", 1)).not.toBe(id);
  expect(deliveryId("g", 1, "eu", "firing", 1)).not.toBe(id);
});
