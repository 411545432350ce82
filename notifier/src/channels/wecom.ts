/** WeCom: the robot of a group, in Markdown of at most 4,096 bytes. */
import { z } from "zod";
import { fitLines } from "../core/wording.ts";
import {
  channelBase,
  inertMarkdown,
  judgeByErrcode,
  linksOf,
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

export const wecom: ChannelKind<z.output<typeof settings>> = {
  kind: "wecom",
  settings,
  build: ({ url }, letter) => {
    const { words, notice, language } = letter;
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
    const tail = linksOf(letter)
      .map(({ text, link }) => `\n[${text}](${link})`)
      .join("");
    const frame = Buffer.byteLength(head + tail);
    const space = providerLimits.wecom.bodyMaxBytes - frame;
    const content = head + fitLines(lines, space, language).join("\n") + tail;
    return postJson(url, { msgtype: "markdown", markdown: { content } });
  },
  judge: judgeByErrcode(codes),
};
