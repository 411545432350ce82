/** E-mail by SMTP: text and HTML, a group's messages in one thread. */
import { z } from "zod";
import type { Outcome, Reply } from "../core/retry.ts";
import { fitLines, plainLines, type Words } from "../core/wording.ts";
import {
  channelBase,
  escapeHtml,
  linksOf,
  type ChannelKind,
  type Letter,
} from "./channel.ts";
import { providerLimits } from "./provider-limits.ts";
import { sha256Hex } from "./sign.ts";

const settings = channelBase.extend({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(587),
  secure: z.boolean().default(false),
  user: z.string().default(""),
  password: z.string().default(""),
  from: z.string().min(3),
  to: z.array(z.email()).min(1).max(50),
});
export type EmailSettings = z.output<typeof settings>;

const { bodyMaxBytes } = providerLimits.email;

/** Refusals that only a person can cure: who signs in, and who may send. */
const configCodes: ReadonlySet<number> = new Set([530, 534, 535, 538]);

export const email: ChannelKind<EmailSettings> = {
  kind: "email",
  settings,
  build: (mine, letter) => {
    const { host, port, secure, user, password, from, to } = mine;
    const { words, language, deliveryId, notice } = letter;
    const domain =
      from.split("@").at(-1)?.replace(">", "").trim() ?? "riskwall";
    // All of a group answers to one id that nobody ever sent: mail programs
    // make a thread of them.
    const thread = `<${sha256Hex(notice.groupId).slice(0, 32)}@${domain}>`;
    const lines = fitLines(plainLines(words, language), bodyMaxBytes, language);
    return {
      kind: "mail",
      server: { host, port, secure, user, password },
      from,
      to,
      subject: words.title,
      text: [
        ...[...lines, "", words.link],
        ...linksOf(letter)
          .slice(1)
          .map(({ text, link }) => `${text} ${link}`),
        "",
      ].join("\n"),
      html: htmlOf(words, letter, lines),
      messageId: `<${deliveryId}@${domain}>`,
      inReplyTo: notice.kind === "digest" ? null : thread,
      headers: {
        "Auto-Submitted": "auto-generated",
        "X-Riskwall-Delivery": deliveryId,
      },
    };
  },
  judge: judgeSmtp,
};

/** SMTP codes: 4yz again, 5yz not; who signs in wrongly has to act. */
export function judgeSmtp({ status, body }: Reply): Outcome {
  const why = `${String(status)} ${body}`.slice(0, 300);
  if (status >= 200 && status < 300) return { kind: "ok" };
  if (configCodes.has(status)) return { kind: "config", why };
  if (status >= 500) return { kind: "payload", why };
  return { kind: "retry", why, afterMs: null };
}

function htmlOf(
  words: Words,
  letter: Letter,
  lines: readonly string[],
): string {
  const links = linksOf(letter).map(
    ({ text, link }) =>
      `<p><a href="${escapeHtml(link)}">${escapeHtml(text)}</a></p>`,
  );
  const head = `<h2 style="font-size:18px">${escapeHtml(words.title)}</h2>`;
  const rows = words.fields.map(
    ({ label, value }) =>
      `<tr><th style="text-align:left;padding:4px 12px 4px 0">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  const list = lines
    .slice(1 + words.fields.length)
    .map((line) => `<li>${escapeHtml(line)}</li>`);
  const body =
    rows.length > 0
      ? `<table>${rows.join("")}</table>`
      : `<ul>${list.join("")}</ul>`;
  return `<!doctype html><html lang="${letter.language}"><body>${head}${body}${links.join("")}</body></html>`;
}
