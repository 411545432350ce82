import { describe, expect, it } from "vitest";
import { lastAct } from "./last-act.ts";

describe("who was first", () => {
  it.each([
    [
      "an alert says its last act",
      {
        actions: [
          { at: "a", actor: "li", action: "comment", note: "" },
          { at: "b", actor: "wang", action: "snooze", note: "" },
        ],
      },
      { actor: "wang", action: "snooze", at: "b" },
    ],
    ["nobody has acted", { actions: [] }, null],
    ["nothing is known", null, null],
  ])("%s", (_, target, expected) => {
    expect(lastAct(target)).toEqual(expected);
  });
});
