import { expect, it } from "vitest";
import { readPush } from "./read-push.ts";

it("reads what the notifier packs", () => {
  const said = {
    ...{ t: "[严重] 恒远机电", b: "原因：一", sev: "critical", tag: "g1" },
    url: "/m/a/A-1#rw_alert_x",
  };
  expect(readPush(said)).toEqual({
    ...{ title: "[严重] 恒远机电", text: "原因：一", tag: "g1" },
    ...{ path: "/m/a/A-1#rw_alert_x", isUrgent: true },
  });
});

it.each([
  [null],
  ["text"],
  [{ url: "https://evil.example/m" }],
  [{ url: "//evil.example" }],
  [{ url: "/mine" }],
  [{ url: 7, t: 7 }],
])("shows something and stays in the house for %j", (said) => {
  expect(readPush(said)).toMatchObject({ title: "riskwall", path: "/m" });
});
