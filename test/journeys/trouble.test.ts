/** Stories of money that does not come. */
import { steadyYear } from "./lives.ts";
import { journey } from "./story.ts";

journey(
  { zh: "五、慢慢滑向违约", en: "5. A slow slide into default" },
  (chapter, story) => {
    chapter({ zh: "一年按时付款", en: "A year of payments in time" }, () => {
      steadyYear(story, { amount: 20_000, limit: 100_000 });
      story.on("2026-01-05");
      story.orders("N1", 30_000);
      story.isBilled("B1", 30_000, {
        issued: "2026-01-05",
        due: "2026-02-04",
        order: "N1",
      });
      story.score();
    });
    chapter(
      {
        zh: "到期没有付款,第一天只是提醒",
        en: "Nothing comes on the due day; the first day is a reminder only",
      },
      () => {
        story.on("2026-02-05");
        story.alert("SCR-01", "high", {
          zh: "评分 750 → 625(7 天内)",
          en: "Score 750 → 625 within 7 days",
        });
        story.alert("PAY-01", "low", {
          zh: "发票 B1 逾期 1 天,¥30,000.00",
          en: "Invoice B1 is 1 day past due, ¥30,000.00",
        });
        story.scoreHasFallen();
      },
    );
    chapter(
      {
        zh: "逾期一个月,已是 D 级客户,告警升为高级",
        en: "A month past due, class D by now, the alert is high",
      },
      () => {
        story.on("2026-03-06");
        story.alert("PAY-01", "high", {
          zh: "发票 B1 逾期 30 天,¥30,000.00",
          en: "Invoice B1 is 30 days past due, ¥30,000.00",
        });
        story.scoreHasFallen(40);
      },
    );
    chapter(
      {
        zh: "新订单被冻结:逾期六十天以上,E 级须预付",
        en: "A new order is held: two months overdue, and class E prepays",
      },
      () => {
        story.on("2026-04-08");
        story.orders("N2", 5000);
        story.held("N2", ["H03", "H05", "H07"], {
          zh: "付清发票 B1 的 ¥30,000.00;预付全款",
          en: "pay ¥30,000.00 of invoice B1; prepay in full",
        });
      },
    );
    chapter(
      {
        zh: "超过九十天:严重,评分封顶 450",
        en: "Beyond ninety days it is critical, and the score is capped at 450",
      },
      () => {
        story.on("2026-05-07");
        story.alert("PAY-01", "critical", {
          zh: "发票 B1 逾期 90 天,¥30,000.00",
          en: "Invoice B1 is 90 days past due, ¥30,000.00",
        });
        story.classIs("E");
        story.scoreHasFallen();
      },
    );
  },
);

journey(
  { zh: "六、一再违背付款承诺", en: "6. Broken promises" },
  (chapter, story) => {
    chapter(
      {
        zh: "逾期后客户承诺下周付款",
        en: "Past due, the customer promises to pay next week",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.on("2026-01-05");
        story.isBilled("B1", 24_000, {
          issued: "2026-01-05",
          due: "2026-02-04",
        });
        story.on("2026-02-10");
        story.promises("PP1", 24_000, "2026-02-16", ["B1"]);
        story.noAlert("PAY-05");
        story.score();
      },
    );
    chapter(
      {
        zh: "承诺日过两个工作日仍未到账;已是 D 级,告警为高级",
        en: "Two business days after the promised day there is nothing; class D makes it high",
      },
      () => {
        // Spring Festival: banks work again on the 24th.
        story.on("2026-02-27");
        story.alert("PAY-05", "high", {
          zh: "承诺 2026-02-16 付 ¥24,000.00,实收 ¥0.00",
          en: "Promised ¥24,000.00 by 2026-02-16, received ¥0.00",
        });
        story.scoreHasFallen();
      },
    );
    chapter(
      {
        zh: "再次承诺,只付了一半,升为严重",
        en: "Another promise, half of it kept: critical",
      },
      () => {
        story.promises("PP2", 24_000, "2026-03-09", ["B1"]);
        story.on("2026-03-09");
        story.pays("HALF", 12_000, "B1");
        story.owes(12_000);
        story.on("2026-03-13");
        story.alert("PAY-05", "critical", {
          zh: "承诺 2026-03-09 付 ¥24,000.00,实收 ¥12,000.00",
          en: "Promised ¥24,000.00 by 2026-03-09, received ¥12,000.00",
        });
      },
    );
  },
);

journey(
  {
    zh: "七、争议成立,发票冲减,不影响信用",
    en: "7. A dispute is settled and does no harm",
  },
  (chapter, story) => {
    chapter(
      {
        zh: "客户对一张发票的一部分提出质量争议",
        en: "The customer disputes a part of an invoice for quality",
      },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.on("2026-01-05");
        story.isBilled("B1", 24_000, {
          issued: "2026-01-05",
          due: "2026-02-04",
        });
        story.on("2026-01-28");
        story.disputes("D1", "B1", 9_000);
        story.on("2026-02-04");
        story.pays("REST", 15_000, "B1");
        story.owes(9_000);
        story.score();
      },
    );
    chapter(
      {
        zh: "争议部分不算逾期,但仍算在敞口里",
        en: "What is disputed is not past due, and still exposure",
      },
      () => {
        story.on("2026-03-02");
        story.noAlert("PAY-01");
        story.owes(9_000);
      },
    );
    chapter(
      {
        zh: "四十五天未决,系统提醒,金额重新计入逾期",
        en: "Not decided for 45 days: a reminder, and it counts as overdue again",
      },
      () => {
        story.on("2026-03-16");
        story.score();
        story.alert("DSP-02", "medium", {
          zh: "争议 ¥9,000.00 已 46 天未解决",
          en: "A dispute over ¥9,000.00 is open for 46 days",
        });
        story.alert("PAY-01", "high", {
          zh: "发票 B1 逾期 39 天,¥9,000.00",
          en: "Invoice B1 is 39 days past due, ¥9,000.00",
        });
      },
    );
    chapter(
      {
        zh: "部分成立:五千冲减,四千付清,全部结束",
        en: "Partly right: 5,000 credited, 4,000 paid, all over",
      },
      () => {
        story.disputeEnds("D1", "partly");
        story.isCredited("B1", 5_000);
        story.pays("LAST", 4_000, "B1");
        story.owes(0);
        story.on("2026-03-17");
        story.alertIsOver("DSP-02");
        story.alertIsOver("PAY-01");
        story.scoreHasRisen();
      },
    );
  },
);

journey(
  {
    zh: "八、退票:已付的发票重新打开",
    en: "8. A returned bill opens a paid invoice again",
  },
  (chapter, story) => {
    chapter(
      { zh: "发票到期前付清", en: "An invoice is paid before it is due" },
      () => {
        steadyYear(story, { amount: 20_000, limit: 100_000 });
        story.on("2026-01-05");
        story.isBilled("B1", 30_000, {
          issued: "2026-01-05",
          due: "2026-02-04",
        });
        story.on("2026-02-02");
        story.pays("T1", 30_000, "B1");
        story.owes(0);
        story.score();
      },
    );
    chapter(
      {
        zh: "一周后银行退票,债务按原到期日恢复",
        en: "A week later the bank returns it: the debt is back with its old due date",
      },
      () => {
        story.on("2026-02-09");
        story.paymentReturns("T1", "insufficient funds");
        story.owes(30_000);
        story.alert("PAY-06", "high", {
          zh: "付款 ¥30,000.00 被退回",
          en: "Payment of ¥30,000.00 was returned",
        });
        story.scoreHasFallen(30);
      },
    );
    chapter(
      {
        zh: "第二次退票:严重,订单冻结",
        en: "A second one is critical and holds orders",
      },
      () => {
        story.pays("T2", 30_000, "B1");
        story.on("2026-02-11");
        story.paymentReturns("T2", "insufficient funds");
        story.alert("PAY-06", "critical", {
          zh: "付款 ¥30,000.00 被退回",
          en: "Payment of ¥30,000.00 was returned",
        });
        story.orders("N1", 3_000);
        story.held("N1", ["H03", "H09", "H05", "H07"], {
          zh: "付清发票 B1 的 ¥30,000.00;人工放行;预付全款",
          en: "pay ¥30,000.00 of invoice B1; release by hand; prepay in full",
        });
        story.classIs("E");
      },
    );
  },
);
