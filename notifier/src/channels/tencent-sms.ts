/** Text messages by Tencent Cloud: an approved template, no link in it. */
import { z } from "zod";
import { shortWordsOf } from "../core/short-words.ts";
import {
  channelBase,
  judgeByBody,
  type ChannelKind,
  type CodeTable,
} from "./channel.ts";
import { signTencent } from "./sign-cloud.ts";

const host = "sms.tencentcloudapi.com";

const settings = channelBase.extend({
  secretId: z.string().min(1).max(100),
  secretKey: z.string().min(1).max(100),
  sdkAppId: z.string().regex(/^\d{5,20}$/),
  signName: z.string().min(1).max(50),
  /** Of a template whose {1} to {4} are customer, what, amount and code. */
  templateId: z.string().regex(/^\d{1,20}$/),
  region: z.string().max(40).default("ap-guangzhou"),
  /** With country: `+8613800000000`. */
  mobiles: z
    .array(z.string().regex(/^\+\d{5,20}$/))
    .min(1)
    .max(20),
});

const codes: CodeTable = {
  ok: ["Ok"],
  config: [
    ...["AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound"],
    ...["AuthFailure.SignatureExpire", "AuthFailure.UnauthorizedOperation"],
    ...["FailedOperation.SignatureIncorrectOrUnapproved"],
    ...["FailedOperation.TemplateIncorrectOrUnapproved"],
    ...["FailedOperation.TemplateUnapprovedOrNotExist"],
    ...["FailedOperation.InsufficientBalanceInSmsPackage"],
    ...["UnauthorizedOperation.SmsSdkAppIdVerifyFail"],
    ...["UnauthorizedOperation.RequestIpNotInWhitelist"],
  ],
  payload: [
    ...["FailedOperation.ContainSensitiveWord"],
    ...["FailedOperation.PhoneNumberInBlacklist"],
    ...["FailedOperation.TemplateParamSetNotMatchApprovedTemplate"],
    ...["InvalidParameterValue.IncorrectPhoneNumber"],
    ...["InvalidParameterValue.TemplateParameterLengthLimit"],
    ...["InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"],
    // No more for this number today: the next way is taken.
    ...["LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.AppDailyLimit"],
  ],
  throttle: new Map([["RequestLimitExceeded", 60_000]]),
};

const status = z.object({ Code: z.string(), Message: z.string().default("") });
const answer = z.object({
  Response: z.object({
    SendStatusSet: z.array(status).default([]),
    Error: status.optional(),
  }),
});

/** One number that has it counts: again would be twice for that one. */
function codeOf({
  Response: { SendStatusSet, Error: failed },
}: z.output<typeof answer>): readonly [string, string] {
  const taken = SendStatusSet.find(({ Code }) => Code === "Ok");
  const said = failed ?? taken ?? SendStatusSet[0];
  return said ? [said.Code, said.Message] : ["nothing", "no status"];
}

export const tencentSms: ChannelKind<z.output<typeof settings>> = {
  kind: "tencent-sms",
  settings,
  host,
  build: (mine, { notice, words, language, deliveryId, now }) => {
    const { cust, what, amt, code } = shortWordsOf(notice, words, language);
    return signTencent({
      ...{ host, service: "sms", action: "SendSms", version: "2021-01-11" },
      ...{ region: mine.region, now },
      body: JSON.stringify({
        PhoneNumberSet: mine.mobiles,
        SmsSdkAppId: mine.sdkAppId,
        SignName: mine.signName,
        TemplateId: mine.templateId,
        TemplateParamSet: [cust, what, amt, code],
        SessionContext: deliveryId,
      }),
      ...{ secretId: mine.secretId, secretKey: mine.secretKey },
    });
  },
  judge: judgeByBody(answer, codeOf, "Code", codes),
};
