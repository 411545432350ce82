/** Stories of customers who do well, and of orders that are looked at. */
import { steadyYear } from "./lives.ts";
import { journey } from "./story.ts";

journey(
  {
    zh: "一、好客户成长,得到提额建议",
    en: "1. A good payer grows and is offered more",
  },
  (chapter, story) => {
    chapter(
      {
        zh: "一年来按时付款,评为 A 级",
        en: "A year of payments in time makes class A",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 60_000 });
        story.owes(0);
        story.classIs("A");
        story.noAlert("PAY-01");
      },
    );
    chapter(
      {
        zh: "新年订单翻倍,额度快用完",
        en: "Orders double in the new year, and most of the limit is used",
      },
      () => {
        story.on("2026-01-05");
        story.orders("N1", 40_000);
        story.allowed("N1");
        story.on("2026-01-08");
        story.orders("N2", 12_000);
        story.allowed("N2");
        story.alert("EXP-01", "medium", {
          zh: "额度使用率 86.7 %",
          en: "86.7 % of the limit is used",
        });
      },
    );
    chapter(
      {
        zh: "下一单超出额度,被冻结,系统说明怎样放行",
        en: "The next order does not fit and is held; the product says what would clear it",
      },
      () => {
        story.on("2026-01-12");
        story.orders("N3", 20_000);
        story.held("N3", ["H01"], {
          zh: "回款或减少订单 ¥12,000.00,或将额度提高到 ¥72,000.00",
          en: "pay or cut orders by ¥12,000.00, or raise the limit to ¥72,000.00",
        });
      },
    );
    chapter(
      {
        zh: "客户付款,冻结自动解除",
        en: "The customer pays, and the order is free by itself",
      },
      () => {
        story.isBilled("N1-bill", 40_000, {
          issued: "2026-01-12",
          due: "2026-02-11",
          order: "N1",
        });
        story.on("2026-01-20");
        story.pays("N1-paid", 40_000, "N1-bill");
        story.released("N3", "L01");
        story.alertIsOver("EXP-01");
      },
    );
    chapter(
      {
        zh: "系统按需求和评级建议更高额度",
        en: "From need and class the product proposes a higher limit",
      },
      () => {
        story.proposes(73_000);
      },
    );
  },
);

journey(
  {
    zh: "二、突发大单:先冻结,核实后放行",
    en: "2. A large sudden order: held, checked, released",
  },
  (chapter, story) => {
    chapter(
      { zh: "平时每单约两万", en: "Orders are usually about 20,000" },
      () => {
        steadyYear(story, { amount: 20_000, limit: 300_000 });
        story.score();
      },
    );
    chapter(
      {
        zh: "突然来了一张十七万的订单",
        en: "All of a sudden one of 170,000 comes",
      },
      () => {
        story.on("2026-01-06");
        story.orders("BIG", 170_000);
        story.alert("ORD-01", "high", {
          zh: "突发大额订单 ¥170,000.00,平时的 8.5 倍;额度使用率 56.7 %",
          en: "Large sudden order of ¥170,000.00, 8.5× the usual; limit use 56.7 %",
        });
        story.held("BIG", ["H06"], {
          zh: "核实并关闭大额订单告警",
          en: "verify the order and close its alert",
        });
        story.scoreHasFallen();
      },
    );
    chapter(
      {
        zh: "电话核实属实,信用经理放行",
        en: "A call confirms it, and the credit manager releases it",
      },
      () => {
        story.on("2026-01-07");
        story.decides("BIG", "release");
        story.released("BIG", "L04");
      },
    );
  },
);

journey(
  {
    zh: "三、拆单:几张小单绕过审批",
    en: "3. Split orders: small ones to stay unseen",
  },
  (chapter, story) => {
    chapter(
      { zh: "平时每两周一单", en: "Usually one order in two weeks" },
      () => {
        steadyYear(story, { amount: 20_000, limit: 400_000 });
      },
    );
    chapter(
      {
        zh: "一天之内两张,每张都略低于平时的三倍",
        en: "Two in one day, each just below three times the usual",
      },
      () => {
        story.on("2026-01-06");
        story.orders("S1", 52_000);
        story.allowed("S1");
        story.noAlert("ORD-04");
        story.orders("S2", 53_000);
        story.alert("ORD-04", "high", {
          zh: "疑似拆单:2 单合计 ¥105,000.00,每单略低于 ¥60,000.00",
          en: "Split orders suspected: 2 orders of ¥105,000.00 in all, each just below ¥60,000.00",
        });
      },
    );
    chapter(
      { zh: "第三张使下单频次也异常", en: "The third makes it a burst, too" },
      () => {
        story.orders("S3", 54_000);
        story.alert("ORD-03", "high", {
          zh: "24 h 内下单 3 次,平时约 0.1 次",
          en: "3 orders in 24 h, usually about 0.1",
        });
      },
    );
  },
);

journey(
  { zh: "四、沉睡客户突然回来", en: "4. A dormant customer is back" },
  (chapter, story) => {
    chapter(
      {
        zh: "一年的生意之后半年没有订单",
        en: "After a year of business nothing for half a year",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.on("2026-07-01");
        story.noAlert("ORD-05");
      },
    );
    chapter(
      { zh: "一张比平时大的订单", en: "An order above the usual size" },
      () => {
        story.orders("BACK", 45_000);
        story.alert("ORD-05", "high", {
          zh: "沉睡 232 天后下单 ¥45,000.00",
          en: "Ordered ¥45,000.00 after 232 silent days",
        });
        story.allowed("BACK");
      },
    );
  },
);
