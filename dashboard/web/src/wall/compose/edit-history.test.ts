import { expect, it } from "vitest";
import { begin, push, redo, undo, undoMax } from "./edit-history.ts";

it("steps are undone and done again, one by one", () => {
  const three = push(push(begin([1]), [2]), [3]);
  expect(undo(three).now).toEqual([2]);
  expect(undo(undo(undo(three))).now).toEqual([1]);
  expect(redo(undo(three))).toEqual(three);
  expect(redo(three)).toBe(three);
});

it("a step after an undo forgets what was undone", () => {
  const other = push(undo(push(begin([1]), [2])), [9]);
  expect(redo(other)).toBe(other);
  expect(undo(other).now).toEqual([1]);
});

it("letters of one word are one step, another word is another", () => {
  const typed = push(
    push(push(begin("a"), "b", "name"), "bc", "name"),
    "d",
    "x",
  );
  expect(typed.past).toEqual(["a", "bc"]);
  const again = push(undo(typed), "bcd", "name");
  expect(undo(again).now).toBe("bc");
});

it("what changes nothing is no step; the oldest steps are forgotten", () => {
  let history = begin([0]);
  expect(push(history, [0])).toBe(history);
  for (let n = 1; n <= undoMax + 5; n += 1) history = push(history, [n]);
  expect(history.past).toHaveLength(undoMax);
  expect(history.past[0]).toEqual([5]);
});
