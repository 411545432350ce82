/** DingTalk: the custom robot of a group, in Markdown. */
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
import { signDingtalk } from "./sign.ts";

const settings = channelBase.extend({
  /** Whole address of the robot, `…/robot/send?access_token=…`. */
  url: z.url().max(500),
  /** `SEC…` when the robot checks signatures. */
  secret: z.string().optional(),
  /** Told by name for what is critical; each must be in the group. */
  mobiles: z.array(z.string().regex(/^\+?\d{5,20}$/)).default([]),
});

/** The ban that follows too many messages. */
export const banMs = 600_000;

const codes: CodeTable = {
  ok: [0],
  // Signature, keyword or address; token unknown or of another robot.
  config: [310_000, 300_001, 300_005, 400_013, 400_101, 400_102],
  payload: [40_035, 400_105, 430_101, 430_102, 430_103, 430_104],
  throttle: new Map([
    [130_101, banMs],
    [410_100, banMs],
  ]),
};

export const dingtalk: ChannelKind<z.output<typeof settings>> = {
  kind: "dingtalk",
  settings,
  build: ({ url, secret, mobiles }, letter) => {
    const { words, notice, language, now } = letter;
    const target = new URL(url);
    if (secret !== undefined) {
      target.searchParams.set("timestamp", String(now));
      target.searchParams.set("sign", signDingtalk(secret, now));
    }
    const called = notice.severity === "critical" ? mobiles : [];
    const lines = [
      ...words.fields.map(
        ({ label, value }) => `- **${label}** ${inertMarkdown(value)}`,
      ),
      ...words.lines.map((line) => `- ${inertMarkdown(line)}`),
    ];
    const head = `### ${inertMarkdown(words.title)}\n\n`;
    const tail = [
      ...linksOf(letter).map(({ text, link }) => `\n\n[${text}](${link})`),
      // A number is only called when it is in the text, too.
      ...called.map((mobile) => ` @${mobile}`),
    ].join("");
    const frame = Buffer.byteLength(head + tail);
    const space = providerLimits.dingtalk.bodyMaxBytes - frame;
    const text = head + fitLines(lines, space, language).join("\n") + tail;
    return postJson(target.href, {
      msgtype: "markdown",
      markdown: { title: words.title, text },
      at: { atMobiles: called, isAtAll: false },
    });
  },
  judge: judgeByErrcode(codes),
};
