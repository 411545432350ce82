import { describe, expect, it } from "vitest";
import { letterBody, withFreshIdentity } from "./letter-body.ts";

const door = {
  ...{ id: "http-1", stage: "http", code: "amount_not_string" },
  ...{ source: "erp", eventId: "e-1" },
};
const fold = { ...door, id: "fold-3-17", stage: "fold", code: "LEDGER_FULL" };
const event = { id: "e-1", source: "erp", type: "order.placed", data: {} };

describe("what a dead letter sends again", () => {
  it.each([
    ["the text the door kept", door, JSON.stringify(event), null, event],
    ["the record the fold refused", fold, "\u0000bytes", event, event],
  ])("%s", (_, letter, raw, decoded, json) => {
    expect(letterBody(letter, raw, decoded)).toEqual({ kind: "event", json });
  });

  it.each([
    ["a text that is no JSON", door, "{", null, "not_json"],
    ["JSON that is no event", door, "[1]", null, "not_json"],
    ["nothing kept", door, "", null, "no_raw"],
    ["a record that is not in the archive", fold, "x", null, "no_raw"],
    ["an operator's action", fold, "x", { type: "Fx" }, "not_business"],
  ])("nothing of %s", (_, letter, raw, decoded, code) => {
    expect(letterBody(letter, raw, decoded)).toEqual({ kind: "none", code });
  });
});

describe("the identity it is sent under", () => {
  it.each([
    ["its own, when the door refused it", door, event, "e-1"],
    [
      "its own, when it was too early",
      { ...fold, code: "FUTURE" },
      event,
      "e-1",
    ],
    [
      "its own, when a person passed it",
      { ...fold, code: "SKIPPED" },
      event,
      "e-1",
    ],
    ["a new one, when the fold spent it", fold, event, "redrive-fold-3-17"],
    ["the edited one", fold, { ...event, id: "mine" }, "mine"],
  ])("%s", (_, letter, json, id) => {
    expect(withFreshIdentity(letter, json)["id"]).toBe(id);
    expect(withFreshIdentity(letter, json)["data"]).toEqual({});
  });
});
