/** Letters to try channels with. */
import { alertLinkKey } from "@riskwall/schemas/alert-links";
import type { Notice } from "../core/notice.ts";
import { letterOf } from "../send-due.ts";
import type { Letter } from "./channel.ts";

export const sampleNow = Date.parse("2026-11-20T08:30:02.000Z");
export const sampleLinkKey = alertLinkKey("rw_service_test");

export function letterOfNotice(
  notice: Notice,
  language: "zh-CN" | "en" = "zh-CN",
): Letter {
  const deps = {
    ...{ publicUrl: "https://risk.example", linkKey: sampleLinkKey },
    now: () => sampleNow,
  };
  return letterOf(notice, "msg_1", { language }, deps);
}
