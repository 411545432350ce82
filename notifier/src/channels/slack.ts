/** Slack by incoming webhook. */
import { z } from "zod";
import { outcomeOfStatus, type Outcome, type Reply } from "../core/retry.ts";
import { fitLines, plainLines } from "../core/wording.ts";
import {
  channelBase,
  inertMarkdown,
  linksOf,
  postJson,
  type ChannelKind,
} from "./channel.ts";
import { providerLimits } from "./provider-limits.ts";

const settings = channelBase.extend({ url: z.url().max(2000) });

/** Characters a section holds; counted in bytes, so never too many. */
const sectionMaxBytes = 2800;
const colors: Readonly<Record<string, string>> = {
  critical: "#c0392b",
  high: "#e67e22",
  medium: "#f1c40f",
  low: "#3498db",
};

const escapeSlack = (text: string): string =>
  inertMarkdown(text).replaceAll("&", "&amp;");

const mrkdwn = (text: string): object => ({
  type: "section",
  text: { type: "mrkdwn", text },
});

export const slack: ChannelKind<z.output<typeof settings>> = {
  kind: "slack",
  settings,
  build: ({ url }, letter) => {
    const { words, language, notice } = letter;
    const lines = plainLines(words, language).slice(1).map(escapeSlack);
    const blocks: object[] = [mrkdwn(`*${escapeSlack(words.title)}*`)];
    // A section for each piece that fits, the rest of the list after it.
    let rest: readonly string[] = fitLines(
      lines,
      providerLimits.slack.bodyMaxBytes - 3000,
      language,
    );
    while (rest.length > 0) {
      const piece = takeLines(rest, sectionMaxBytes);
      blocks.push(mrkdwn(piece.join("\n")));
      rest = rest.slice(piece.length);
    }
    const links = linksOf(letter).map(
      ({ text, link }) => `<${encodeURI(link)}|${escapeSlack(text)}>`,
    );
    blocks.push(mrkdwn(links.join("\n")));
    const over = notice.firingCount === 0;
    const color = over ? "#27ae60" : (colors[notice.severity] ?? "#7f8c8d");
    return postJson(url, {
      text: escapeSlack(words.title),
      attachments: [{ color, blocks }],
    });
  },
  judge: (reply, now) => judgeSlack(reply, now),
};

/** At least one line, and as many as fit. */
function takeLines(lines: readonly string[], maxBytes: number): string[] {
  const taken: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push(line);
  }
  return taken;
}

function judgeSlack(reply: Reply, now: number): Outcome {
  const byStatus = outcomeOfStatus(reply, now);
  if (byStatus.kind === "disable") return { ...byStatus, kind: "config" };
  if (byStatus.kind !== "ok") {
    if (byStatus.kind === "retry") return byStatus;
    return { kind: byStatus.kind, why: `${byStatus.why} ${reply.body}` };
  }
  if (reply.body.trim() === "ok") return { kind: "ok" };
  return { kind: "retry", why: reply.body.slice(0, 200), afterMs: null };
}
