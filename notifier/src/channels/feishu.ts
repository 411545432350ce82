/** Feishu and Lark: the custom robot of a group, with a card. */
import { z } from "zod";
import { fitLines } from "../core/wording.ts";
import {
  channelBase,
  inertMarkdown,
  judgeByBody,
  linksOf,
  postJson,
  type ChannelKind,
  type CodeTable,
  type Letter,
} from "./channel.ts";
import { providerLimits } from "./provider-limits.ts";
import { signFeishu } from "./sign.ts";

const settings = channelBase.extend({
  /** Whole address of the robot, `…/open-apis/bot/v2/hook/…`. */
  url: z.url().max(500),
  secret: z.string().optional(),
});

const templates: Readonly<Record<string, string>> = {
  critical: "red",
  high: "orange",
  medium: "yellow",
  low: "blue",
};
/** What a card has around its text, and what escapes add to it. */
const frameBytes = 4000;

const codes: CodeTable = {
  ok: [0],
  // Signature or clock, address, keyword; a robot that is gone.
  config: [19_001, 19_021, 19_022, 19_024],
  payload: [9499],
  throttle: new Map([[11_232, 60_000]]),
};
const answer = z.object({ code: z.number(), msg: z.string().default("") });

export const feishu: ChannelKind<z.output<typeof settings>> = {
  kind: "feishu",
  settings,
  build: ({ url, secret }, letter) => {
    const timestamp = Math.floor(letter.now / 1000);
    const signed =
      secret === undefined
        ? {}
        : {
            timestamp: String(timestamp),
            sign: signFeishu(secret, timestamp),
          };
    return postJson(url, {
      ...signed,
      msg_type: "interactive",
      card: cardOf(letter),
    });
  },
  judge: judgeByBody(answer, ({ code, msg }) => [code, msg], "code", codes),
};

export function cardOf(letter: Letter): object {
  const { words, notice, language } = letter;
  const over = notice.firingCount === 0 && notice.kind !== "test";
  const space = providerLimits.feishu.bodyMaxBytes - frameBytes;
  const lines = fitLines(words.lines.map(inertMarkdown), space, language);
  const fields = words.fields.map(({ label, value }) => ({
    is_short: value.length <= 24,
    text: {
      tag: "lark_md",
      content: `**${label}**\n${inertMarkdown(value)}`,
    },
  }));
  const elements: object[] = [];
  if (fields.length > 0) elements.push({ tag: "div", fields });
  if (lines.length > 0) {
    const content = lines.join("\n");
    elements.push({ tag: "div", text: { tag: "lark_md", content } });
  }
  elements.push(
    { tag: "hr" },
    {
      tag: "action",
      actions: linksOf(letter).map(({ text, link }, i) => ({
        tag: "button",
        type: i === 0 ? "primary" : "default",
        text: { tag: "plain_text", content: text },
        url: link,
      })),
    },
  );
  return {
    config: { wide_screen_mode: true },
    header: {
      template: over ? "green" : (templates[notice.severity] ?? "grey"),
      title: { tag: "plain_text", content: words.title },
    },
    elements,
  };
}
