/** Text messages by Alibaba Cloud: an approved template, no link in it. */
import { z } from "zod";
import { shortWordsOf } from "../core/short-words.ts";
import {
  channelBase,
  judgeByBody,
  type ChannelKind,
  type CodeTable,
} from "./channel.ts";
import { signAlibaba } from "./sign-cloud.ts";
import { sha256Hex } from "./sign.ts";

const host = "dysmsapi.aliyuncs.com";
const nonceChars = 32;

const settings = channelBase.extend({
  accessKeyId: z.string().min(1).max(100),
  accessKeySecret: z.string().min(1).max(100),
  signName: z.string().min(1).max(50),
  /** Of a template with `${cust}`, `${what}`, `${amt}` and `${code}`. */
  templateCode: z.string().regex(/^SMS_\d+$/),
  mobiles: z
    .array(z.string().regex(/^\+?\d{5,20}$/))
    .min(1)
    .max(20),
});

const codes: CodeTable = {
  ok: ["OK"],
  config: [
    ...["SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound"],
    ...["InvalidAccessKeyId.Inactive", "Forbidden.RAM"],
    ...["isv.RAM_PERMISSION_DENY", "isv.ACCOUNT_NOT_EXISTS"],
    ...["isv.ACCOUNT_ABNORMAL", "isv.OUT_OF_SERVICE"],
    ...["isv.PRODUCT_UNSUBSCRIBE", "isv.AMOUNT_NOT_ENOUGH"],
    ...["isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL"],
    ...["isv.SMS_SIGN_ILLEGAL", "isv.INVALID_SIGN"],
  ],
  payload: [
    // No more for this number today: the next way is taken.
    ...["isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL"],
    ...["isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT"],
    ...["isv.TEMPLATE_MISSING_PARAMETERS", "isv.INVALID_PARAMETERS"],
    ...["isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL"],
    ...["isv.BLACK_KEY_CONTROL_LIMIT", "isv.INVALID_JSON_PARAM"],
  ],
  throttle: new Map([
    ["Throttling", 60_000],
    ["Throttling.User", 60_000],
  ]),
};
const answer = z.object({ Code: z.string(), Message: z.string().default("") });

export const alibabaSms: ChannelKind<z.output<typeof settings>> = {
  kind: "alibaba-sms",
  settings,
  host,
  build: (mine, { notice, words, language, deliveryId, now }) =>
    signAlibaba({
      ...{ host, action: "SendSms", version: "2017-05-25", now },
      query: {
        PhoneNumbers: mine.mobiles.join(","),
        SignName: mine.signName,
        TemplateCode: mine.templateCode,
        TemplateParam: JSON.stringify(shortWordsOf(notice, words, language)),
        OutId: deliveryId,
      },
      ...{ keyId: mine.accessKeyId, keySecret: mine.accessKeySecret },
      nonce: sha256Hex(`${deliveryId} ${String(now)}`).slice(0, nonceChars),
    }),
  judge: judgeByBody(
    answer,
    ({ Code, Message }) => [Code, Message],
    "Code",
    codes,
  ),
};
