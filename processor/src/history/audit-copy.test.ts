import { describe, expect, it } from "vitest";
import { auditRow } from "./audit-copy.ts";

const row = (text: string) =>
  auditRow({
    ...{ offset: "7", timestamp: "1767225600000" },
    value: Buffer.from(text),
  });

describe("a record of the audit topic", () => {
  it("is kept as it is, with columns to ask by", () => {
    const text = JSON.stringify({
      ...{ id: "a", seq: 3, at: "2026-01-02T00:00:00.000Z", actor: "li" },
      ...{ action: "user.create", targetId: "wang", reason: null },
    });
    expect(row(text)).toMatchObject({
      ...{ id: "a", seq: 3, occurred_at: "2026-01-02T00:00:00.000Z" },
      ...{ actor: "li", action: "user.create", target_id: "wang" },
      ...{ reason: "", offset: 7, value: text },
      appended_at: "2026-01-01T00:00:00.000Z",
    });
  });

  it.each(["{", "null", "[]", '{"seq":"x","at":"never"}', ""])(
    "%s, which is no entry, is kept, too",
    (text) => {
      expect(row(text)).toMatchObject({
        ...{ id: "", seq: 0, value: text, offset: 7 },
        occurred_at: "2026-01-01T00:00:00.000Z",
      });
    },
  );
});
