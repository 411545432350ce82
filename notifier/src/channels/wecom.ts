/** WeCom: the robot of a group, in Markdown of at most 4,096 bytes. */
import { z } from "zod";
import { outcomeOfStatus } from "../core/retry.ts";
import { fitLines } from "../core/wording.ts";
import {
  answerJson,
  channelBase,
  inertMarkdown,
  outcomeOfCode,
  postJson,
  type ChannelKind,
  type CodeTable,
} from "./channel.ts";
import { providerLimits } from "./provider-limits.ts";

const settings = channelBase.extend({
  /** Whole address of the robot, `…/cgi-bin/webhook/send?key=…`. */
  url: z.url().max(500),
});

const codes: CodeTable = {
  ok: [0],
  config: [93_000, 40_001, 60_020],
  payload: [40_058, 40_008, 40_035, 44_004],
  throttle: new Map([[45_009, 60_000]]),
};
const answer = z.object({
  errcode: z.number(),
  errmsg: z.string().default(""),
});

export const wecom: ChannelKind<z.output<typeof settings>> = {
  kind: "wecom",
  settings,
  build: ({ url }, { words, notice, language }) => {
    const grave = notice.firingCount > 0 && notice.severity === "critical";
    const color = grave
      ? "warning"
      : notice.firingCount === 0
        ? "info"
        : "comment";
    const head = `### <font color="${color}">${inertMarkdown(words.title)}</font>\n`;
    const lines = [
      ...words.fields.map(
        ({ label, value }) => `> **${label}** ${inertMarkdown(value)}`,
      ),
      ...words.lines.map((line) => `> ${inertMarkdown(line)}`),
    ];
    const tail = `\n[${words.linkText}](${words.link})`;
    const frame = Buffer.byteLength(head + tail);
    const space = providerLimits.wecom.bodyMaxBytes - frame;
    const content = head + fitLines(lines, space, language).join("\n") + tail;
    return postJson(url, { msgtype: "markdown", markdown: { content } });
  },
  judge: (reply, now) => {
    const said = answerJson(reply, answer);
    if (said) return outcomeOfCode(said.errcode, said.errmsg, codes);
    const byStatus = outcomeOfStatus(reply, now);
    if (byStatus.kind !== "ok") return byStatus;
    return { kind: "retry", why: "no errcode in the answer", afterMs: null };
  },
};
