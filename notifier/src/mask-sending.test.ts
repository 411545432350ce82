import { describe, expect, it } from "vitest";
import { hideSecrets, masked } from "./mask-sending.ts";

const robot =
  "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef";

describe("hideSecrets", () => {
  it.each([
    ["token 0123456789abcdef is not known", [robot], "token … is not known"],
    [`no such robot: ${robot}`, [robot], "no such robot: …"],
    ["key R0uting-key, twice R0uting-key", ["R0uting-key"], "key …, twice …"],
    ["robot/send is down", [robot], "robot/send is down"],
    ["an ok", ["ok"], "an ok"],
    ["no /m/a/A#rw_alert_a1_b-c here", [], "no /m/a/A#rw_alert_… here"],
  ])("%s", (text, secrets, shown) => {
    expect(hideSecrets(text, secrets)).toBe(shown);
  });
});

it("shows a request without address, signature, keys and password", () => {
  const url = "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXX";
  const headers = { authorization: "Bearer abc", "x-shown": "yes" };
  const body = '{"routing_key":"R0uting","sign":"S1gn","text":"hello"}';
  const http = { kind: "http", method: "POST", url, headers, body } as const;
  const text = JSON.stringify(masked(http, [url]));
  for (const secret of ["XXXX", "abc", "R0uting", "S1gn"]) {
    expect(text).not.toContain(secret);
  }
  expect(text).toContain("https://hooks.slack.com");
  expect(text).toContain("hello");
  const mail = {
    ...({ kind: "mail", from: "a@b", to: ["c@d"], subject: "s" } as const),
    server: {
      ...{ host: "mail", port: 25, secure: false, user: "u", password: "p4ss" },
    },
    ...{ text: "t", html: "h", messageId: "m", inReplyTo: null, headers: {} },
  };
  expect(JSON.stringify(masked(mail, []))).not.toContain("p4ss");
});
