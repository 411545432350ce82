import { expect, it } from "vitest";
import { signAlibaba, signTencent } from "./sign-cloud.ts";

it("signs the example of Alibaba Cloud's manual as it says", () => {
  const { headers, url } = signAlibaba({
    ...{ host: "ecs.cn-shanghai.aliyuncs.com", action: "RunInstances" },
    ...{ version: "2014-05-26", keyId: "YourAccessKeyId" },
    query: {
      RegionId: "cn-shanghai",
      ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
    },
    keySecret: "YourAccessKeySecret",
    nonce: "3156853299f313e23d1673dc12e1703d",
    now: Date.parse("2023-10-26T10:22:32Z"),
  });
  expect(headers["authorization"]).toContain(
    "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
  );
  expect(new URL(url).searchParams.get("RegionId")).toBe("cn-shanghai");
});

it("signs the example of Tencent Cloud's manual as it says", () => {
  const { headers } = signTencent({
    ...{ host: "cvm.tencentcloudapi.com", service: "cvm" },
    ...{ action: "DescribeInstances", version: "2017-03-12" },
    region: "ap-guangzhou",
    body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
    secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
    secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
    now: 1_551_113_065_000,
  });
  expect(headers["authorization"]).toBe(
    "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
  );
});
