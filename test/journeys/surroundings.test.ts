/** Stories of groups, cover, silence and words. */
import { steadyYear } from "./lives.ts";
import { journey } from "./story.ts";

journey(
  {
    zh: "九、子公司用完了集团额度",
    en: "9. A subsidiary reaches the group's limit",
  },
  (chapter, story) => {
    chapter(
      {
        zh: "自己的额度宽裕,集团其他成员已欠四十八万",
        en: "Its own limit is wide, other members owe 480,000",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 200_000 });
        story.on("2026-01-05");
        story.belongsTo("G-EAST", 500_000, 480_000);
        story.orders("N1", 15_000);
        story.allowed("N1");
      },
    );
    chapter(
      {
        zh: "下一单自己放得下,集团放不下",
        en: "The next order fits the customer, not the group",
      },
      () => {
        story.on("2026-01-06");
        story.orders("N2", 12_000);
        story.held("N2", ["H11"], {
          zh: "集团 G-EAST 回款或减少订单 ¥7,000.00,或将集团额度提高到 ¥507,000.00",
          en: "group G-EAST pays or cuts orders by ¥7,000.00, or its limit is raised to ¥507,000.00",
        });
      },
    );
    chapter(
      {
        zh: "集团其他成员还款后,订单自动放行",
        en: "Another member pays, and the order is free by itself",
      },
      () => {
        story.on("2026-01-07");
        story.othersOwe("G-EAST", 500_000, 300_000);
        story.on("2026-01-08");
        story.released("N2", "L04");
      },
    );
  },
);

journey(
  { zh: "十、有信用保险的客户", en: "10. An insured customer" },
  (chapter, story) => {
    chapter(
      {
        zh: "保单覆盖八万的九成,计入敞口",
        en: "A policy covers nine tenths of 80,000, counted in exposure",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 50_000 });
        story.on("2026-01-05");
        story.isInsured("CV1", 80_000, 90, "2026-03-31");
        story.isBilled("B1", 60_000, {
          issued: "2026-01-05",
          due: "2026-05-06",
        });
        story.owes(60_000);
      },
    );
    chapter(
      {
        zh: "五万五的新订单只因保险放得下",
        en: "A new order of 55,000 fits only for the cover",
      },
      () => {
        story.on("2026-01-06");
        story.orders("N1", 55_000);
        story.allowed("N1");
      },
    );
    chapter(
      {
        zh: "保险到期前三十天提醒",
        en: "Thirty days before it ends there is a warning",
      },
      () => {
        story.on("2026-02-27");
        story.noAlert("EXP-07");
        story.on("2026-03-02");
        story.alert("EXP-07", "high", {
          zh: "信用保险 CV1 将于 2026-03-31 到期,还有 30 天,缺口 ¥65,000.00",
          en: "The insurance CV1 ends on 2026-03-31, in 30 days; ¥65,000.00 would be beyond the limit",
        });
      },
    );
    chapter(
      {
        zh: "到期后敞口裸露,超过额度",
        en: "Once it has ended, what it covered is beyond the limit",
      },
      () => {
        story.on("2026-04-01");
        story.alert("EXP-02", "critical", {
          zh: "超信用额度 ¥65,000.00,使用率 230.0 %",
          en: "Limit breached by ¥65,000.00, 230.0 % used",
        });
      },
    );
  },
);

journey(
  {
    zh: "十一、客户沉默,发票没有付",
    en: "11. A customer goes silent with an open invoice",
  },
  (chapter, story) => {
    chapter(
      {
        zh: "最后一张发票之后再无消息",
        en: "After the last invoice there is no event at all",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.on("2026-01-05");
        story.isBilled("B1", 22_000, {
          issued: "2026-01-05",
          due: "2026-02-04",
        });
        story.score();
      },
    );
    chapter(
      {
        zh: "没有事件,预期的款没到也被发现",
        en: "Without an event it is seen that expected money is missing",
      },
      () => {
        story.on("2026-02-09");
        story.alert("PAY-04", "medium", {
          zh: "发票 B1 预计 2026-02-02 回款 ¥22,000.00,至今未到",
          en: "Invoice B1: ¥22,000.00 was expected on 2026-02-02 and has not come",
        });
        story.scoreHasFallen();
      },
    );
    chapter(
      {
        zh: "沉默越久评分越低",
        en: "The longer the silence, the lower the score",
      },
      () => {
        story.on("2026-02-21");
        story.scoreHasFallen();
        story.on("2026-03-08");
        story.scoreHasFallen();
        story.on("2026-04-06");
        story.scoreHasFallen();
        story.alert("PAY-01", "critical", {
          zh: "发票 B1 逾期 60 天,¥22,000.00",
          en: "Invoice B1 is 60 days past due, ¥22,000.00",
        });
        story.alert("ORD-09", "high", {
          zh: "101 天没有下单,平时间隔 14 天",
          en: "No order for 101 days, usually one every 14",
        });
      },
    );
    chapter(
      {
        zh: "终于付款,警报解除,评分回升",
        en: "At last it pays: alerts end, the score comes back",
      },
      () => {
        story.pays("LATE", 22_000, "B1");
        story.owes(0);
        story.alertIsOver("PAY-01");
        story.alertIsOver("PAY-04");
        story.scoreHasRisen();
      },
    );
  },
);

journey(
  {
    zh: "十二、投诉里说资金紧张,后来恢复",
    en: "12. Liquidity language in a complaint, then recovery",
  },
  (chapter, story) => {
    chapter(
      {
        zh: "普通的质量投诉不影响信用",
        en: "An ordinary complaint of quality does no harm",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.score();
        story.on("2026-01-05");
        story.complains("C1", "有一箱发错货");
        story.noAlert("CMP-03");
        story.noAlert("CMP-02");
      },
    );
    chapter(
      {
        zh: "“资金紧张,能否延期付款”是信号",
        en: "“Short of cash, may we pay later” is a signal",
      },
      () => {
        story.on("2026-01-12");
        story.complains("C2", "最近资金紧张,周转困难,货款能否延期付款?");
        story.alert("CMP-03", "medium", {
          zh: "投诉透露资金紧张:“资金紧张 / 周转困难 / 延期付款”",
          en: "Complaint speaks of tight liquidity: “资金紧张 / 周转困难 / 延期付款”",
        });
        story.scoreHasFallen();
      },
    );
    chapter(
      {
        zh: "六十天内第二次:高级",
        en: "A second one within sixty days is high",
      },
      () => {
        story.on("2026-02-02");
        story.complains("C3", "We are short of cash and need an extension");
        story.alert("CMP-03", "high", {
          zh: "投诉透露资金紧张:“short of cash / extension”",
          en: "Complaint speaks of tight liquidity: “short of cash / extension”",
        });
        story.score();
      },
    );
    chapter(
      {
        zh: "三个月按时付款,没有新的投诉,评分恢复",
        en: "Three months of payments in time and no complaint bring the score back",
      },
      () => {
        for (const [n, issued, due] of [
          ["1", "2026-02-09", "2026-03-11"],
          ["2", "2026-03-09", "2026-04-08"],
          ["3", "2026-04-07", "2026-05-07"],
        ] as const) {
          story.on(issued);
          story.orders(`N${n}`, 20_000);
          story.isBilled(`B${n}`, 20_000, { issued, due, order: `N${n}` });
          story.pays(`PN${n}`, 20_000, `B${n}`);
        }
        story.on("2026-05-11");
        story.owes(0);
        story.scoreHasRisen();
      },
    );
  },
);
