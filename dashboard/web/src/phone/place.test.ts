import { describe, expect, it } from "vitest";
import { alertOfPath, linkOfHash, pathOfAlert } from "./place.ts";

describe("the alert of a path", () => {
  it.each([
    ["/m", null],
    ["/m/", null],
    ["/m/a/", null],
    ["/m/a/x/y", null],
    ["/m/a/%E0%A4%A", null],
    ["/m/a/3-17-0", "3-17-0"],
    ["/m/a/a%2Fb%20c", "a/b c"],
  ])("%s", (path, expected) => {
    expect(alertOfPath(path)).toBe(expected);
  });

  it("is found again in the path made of it", () => {
    for (const id of ["3-17-0", "a/b c", "恒远?#%"]) {
      expect(alertOfPath(pathOfAlert(id))).toBe(id);
    }
    expect(alertOfPath(pathOfAlert(null))).toBeNull();
  });
});

it.each([
  ["#rw_alert_t1x9_a-B_c", { token: "rw_alert_t1x9_a-B_c", delivery: null }],
  [
    "#rw_alert_t1x9_a.msg_x-1",
    { token: "rw_alert_t1x9_a", delivery: "msg_x-1" },
  ],
  ["#rw_alert_t1x9_a.evil", null],
  ["#rw_wall_t1x9_a", null],
  ["#rw_alert_t1x9 x", null],
  ["#", null],
  ["", null],
])("what a link in %j carries", (hash, expected) => {
  expect(linkOfHash(hash)).toEqual(expected);
});
