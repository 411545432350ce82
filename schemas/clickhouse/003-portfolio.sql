-- Totals of the portfolio over time, money in units of the reporting currency.
CREATE VIEW IF NOT EXISTS {db}.portfolio_history AS
SELECT occurred_at, seq,
  totals['customers'] AS customers, totals['loading'] AS loading,
  toDecimal128(totals['exposure'], 4) / 100 AS exposure,
  toDecimal128(totals['receivables'], 4) / 100 AS receivables,
  toDecimal128(totals['openOrders'], 4) / 100 AS open_orders,
  toDecimal128(totals['overdue'], 4) / 100 AS overdue,
  toDecimal128(totals['age0'], 4) / 100 AS age0,
  toDecimal128(totals['age1'], 4) / 100 AS age1,
  toDecimal128(totals['age31'], 4) / 100 AS age31,
  toDecimal128(totals['age61'], 4) / 100 AS age61,
  toDecimal128(totals['age91'], 4) / 100 AS age91,
  toDecimal128(totals['limit'], 4) / 100 AS credit_limit,
  toDecimal128(totals['expectedLoss'], 4) / 100 AS expected_loss
FROM {db}.portfolio_snapshots FINAL
