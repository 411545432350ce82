/** What the pages show to senders is taken by the door, each example. */
import type { BusinessType } from "@riskwall/schemas";
import { businessTypes } from "@riskwall/schemas";
import { exampleEvent } from "@riskwall/schemas/event-examples";
import { expect, it } from "vitest";
import { shippedTextReader } from "../text-reader.ts";
import { parseEvent } from "./parse-event.ts";

const readText = shippedTextReader();
const now = Date.UTC(2026, 10, 20, 1);

// Keys of the literal itself.
it.each(Object.keys(businessTypes) as BusinessType[])("%s", (type) => {
  const parsed = parseEvent(exampleEvent(type), {
    ...{ now, latest: now + 300_000, historical: false },
    readText,
  });
  expect(parsed.kind === "problem" ? parsed.problem : null).toBeNull();
});
