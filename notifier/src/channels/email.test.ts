import { describe, expect, it } from "vitest";
import { wordsOf } from "../core/wording.ts";
import { parseChannel } from "./channel-kinds.ts";
import type { MailSending } from "./channel.ts";
import { judgeSmtp } from "./email.ts";
import {
  hostileName,
  sampleBrief,
  sampleNotice,
} from "./sample-notice.test-support.ts";

const settings = {
  ...{ id: "m", kind: "email", host: "mail.example", language: "en" },
  ...{ from: "riskwall@example.com", to: ["ops@example.com"] },
};

function mail(name: string, kind: "firing" | "resolved"): MailSending {
  const channel = parseChannel(settings);
  if (typeof channel === "string") throw new Error(channel);
  const notice = sampleNotice([sampleBrief({ customerName: name })], kind);
  const publicUrl = "https://risk.example";
  const words = wordsOf(notice, "en", publicUrl);
  const sending = channel.build({
    ...{ deliveryId: `msg_${kind}`, notice, words, publicUrl },
    ...{ language: "en", now: 0, phoneLink: `${publicUrl}/m/a/A-1#rw_alert_x` },
  });
  if (sending.kind !== "mail") throw new Error("no mail");
  return sending;
}

describe("an e-mail", () => {
  it("says it all in the subject and the text", () => {
    const sent = mail("Hengyuan", "firing");
    expect(sent.subject).toBe(
      "[critical] Hengyuan: Large sudden order 600,000.00",
    );
    expect(sent.text).toContain("What to do: Verify before release");
    expect(sent.text).toContain("https://risk.example/alerts?open=A-1");
    expect(sent.text).toContain("https://risk.example/m/a/A-1#rw_alert_x");
    expect(sent.html).toContain("/m/a/A-1#rw_alert_x");
    expect(sent.messageId).toBe("<msg_firing@example.com>");
  });

  it("keeps a group in one thread", () => {
    const firing = mail("H", "firing");
    const resolved = mail("H", "resolved");
    expect(resolved.inReplyTo).toBe(firing.inReplyTo);
    expect(resolved.messageId).not.toBe(firing.messageId);
    expect(resolved.subject).toMatch(/^\[resolved\]/);
  });

  it("shows a hostile name as text", () => {
    expect(mail(hostileName, "firing").html).not.toContain("<at ");
    expect(mail("a\r\nBcc: x@example.com", "firing").subject).not.toMatch(
      /[\r\n]/,
    );
  });
});

describe("answers of a mail server", () => {
  it.each([
    [250, "ok"],
    [421, "retry"],
    [450, "retry"],
    [535, "config"],
    [550, "payload"],
  ])("%s is %s", (status, kind) => {
    expect(judgeSmtp({ status, headers: {}, body: "" }).kind).toBe(kind);
  });
});
