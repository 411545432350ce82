import { describe, expect, it } from "vitest";
import { checkTarget, isPublicAddress } from "./outbound-target.ts";

describe("where a webhook may point", () => {
  it.each([
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["172.31.255.255", false],
    ["192.168.1.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:8.8.8.8", false],
    ["fe80::1", false],
    ["fd00::1", false],
    ["64:ff9b::7f00:1", false],
    ["2002:7f00:1::", false],
    ["not an address", false],
    ["8.8.8.8", true],
    ["2606:4700:4700::1111", true],
  ])("%s is public: %s", (address, yes) => {
    expect(isPublicAddress(address)).toBe(yes);
  });

  it.each([
    ["http://8.8.8.8/", false, "refused"],
    ["https://8.8.8.8/", false, "ok"],
    ["https://user:pass@8.8.8.8/", true, "refused"],
    ["https://127.0.0.1/", false, "refused"],
    ["https://[::1]/", false, "refused"],
    ["https://[::ffff:10.0.0.1]/", false, "refused"],
    ["https://2130706433/", false, "refused"],
    ["http://127.0.0.1:1/", true, "ok"],
    ["ftp://8.8.8.8/", true, "refused"],
    ["nonsense", true, "refused"],
    ["https://localhost/", false, "refused"],
  ])("%s with allowPrivate %s is %s", async (url, allowPrivate, kind) => {
    expect((await checkTarget(url, allowPrivate)).kind).toBe(kind);
  });
});
