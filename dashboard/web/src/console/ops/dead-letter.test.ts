import { expect, it } from "vitest";
import { parseEdited } from "./dead-letter.ts";

it.each([
  ['{"id":"e-1"}', { id: "e-1" }],
  ["{", null],
  ["[]", null],
  ["null", null],
  ['"text"', null],
  ["", null],
])("an edited event is a JSON object: %s", (text, json) => {
  expect(parseEdited(text)).toEqual(json);
});
