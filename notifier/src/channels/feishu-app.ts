/**
 * Feishu and Lark: the bot of an app, which writes to a chat or a person. Its
 * token is asked for before each message; the service gives the same one again
 * for as long as it holds.
 */
import { z } from "zod";
import {
  answerJson,
  channelBase,
  judgeByBody,
  postJson,
  type ChannelKind,
  type CodeTable,
} from "./channel.ts";
import { cardOf } from "./feishu.ts";

const settings = channelBase.extend({
  /** `https://open.larksuite.com` for Lark. */
  url: z.url().max(200).default("https://open.feishu.cn"),
  appId: z.string().min(1).max(100),
  appSecret: z.string().min(1).max(200),
  receiver: z.object({
    type: z.enum(["chat_id", "open_id", "user_id", "email"]),
    id: z.string().min(1).max(200),
  }),
});

const codes: CodeTable = {
  ok: [0],
  config: [
    // App unknown, its secret wrong, app off; no right, not in the chat.
    ...[10_003, 10_012, 10_014, 99_991_672, 99_991_679],
    ...[230_001, 230_002, 230_006, 230_013, 230_018, 230_027],
  ],
  payload: [230_017, 230_025, 230_028, 230_099, 9499],
  throttle: new Map([
    [11_232, 60_000],
    [230_020, 60_000],
    [99_991_400, 60_000],
  ]),
};
const answer = z.object({ code: z.number(), msg: z.string().default("") });
const tokenAnswer = z.object({
  code: z.literal(0),
  tenant_access_token: z.string().min(1),
});

export const feishuApp: ChannelKind<z.output<typeof settings>> = {
  kind: "feishu-app",
  settings,
  build: ({ url, appId, appSecret, receiver }, letter) => {
    const base = `${url.replace(/\/$/, "")}/open-apis`;
    const message = postJson(
      `${base}/im/v1/messages?receive_id_type=${receiver.type}`,
      {
        receive_id: receiver.id,
        msg_type: "interactive",
        content: JSON.stringify(cardOf(letter)),
        // The same within an hour is not sent twice.
        uuid: letter.deliveryId,
      },
    );
    return {
      ...message,
      token: {
        ask: postJson(`${base}/auth/v3/tenant_access_token/internal`, {
          ...{ app_id: appId, app_secret: appSecret },
        }),
        read: (reply) =>
          answerJson(reply, tokenAnswer)?.tenant_access_token ?? null,
      },
    };
  },
  judge: judgeByBody(answer, ({ code, msg }) => [code, msg], "code", codes),
};
