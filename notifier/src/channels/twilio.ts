/** Twilio: text messages and calls that read the message out. */
import { z } from "zod";
import { outcomeOfStatus, type Outcome, type Reply } from "../core/retry.ts";
import { shortSentence, shortWordsOf } from "../core/short-words.ts";
import {
  answerJson,
  channelBase,
  escapeHtml,
  type ChannelKind,
  type HttpSending,
  type Letter,
} from "./channel.ts";

const host = "api.twilio.com";
/** A call says it so often. */
const saidTimes = 2;

const settings = channelBase.extend({
  accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/),
  authToken: z.string().min(1).max(100),
  /** A number of ours, `+1…`. */
  from: z.string().regex(/^\+\d{5,20}$/),
  /** One: Twilio takes a request for each. */
  mobiles: z.array(z.string().regex(/^\+\d{5,20}$/)).length(1),
});
type TwilioSettings = z.output<typeof settings>;

function post(
  { accountSid, authToken, from, mobiles }: TwilioSettings,
  what: "Messages" | "Calls",
  content: Readonly<Record<string, string>>,
): HttpSending {
  const login = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  const form = { To: mobiles[0] ?? "", From: from, ...content };
  return {
    ...{ kind: "http", method: "POST" },
    url: `https://${host}/2010-04-01/Accounts/${accountSid}/${what}.json`,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${login}`,
    },
    body: new URLSearchParams(form).toString(),
  };
}

const sentenceOf = ({ notice, words, language }: Letter): string =>
  shortSentence(shortWordsOf(notice, words, language), language);

const answer = z.object({ code: z.number(), message: z.string().default("") });
/** Not allowed to that country or number, number not ours, account closed. */
const configCodes: ReadonlySet<number> = new Set([
  ...[20_003, 20_005, 21_210, 21_212, 21_215, 21_408, 21_606, 21_608],
]);

function judge(reply: Reply, now: number): Outcome {
  const outcome = outcomeOfStatus(reply, now);
  const said = answerJson(reply, answer);
  if (outcome.kind === "ok" || said === null) return outcome;
  const why = `${String(said.code)} ${said.message}`;
  return configCodes.has(said.code)
    ? { kind: "config", why }
    : { ...outcome, why };
}

export const twilioSms: ChannelKind<TwilioSettings> = {
  kind: "twilio-sms",
  ...{ settings, host, judge },
  build: (mine, letter) => post(mine, "Messages", { Body: sentenceOf(letter) }),
};

export const twilioVoice: ChannelKind<TwilioSettings> = {
  kind: "twilio-voice",
  ...{ settings, host, judge },
  build: (mine, letter) => {
    const language = letter.language === "zh-CN" ? "zh-CN" : "en-US";
    const say = `<Say language="${language}">${escapeHtml(sentenceOf(letter))}</Say><Pause length="1"/>`;
    const twiml = `<Response>${say.repeat(saidTimes)}</Response>`;
    return post(mine, "Calls", { Twiml: twiml });
  },
};
