-- Hourly sums for trends. Each table sums under its key at merges: read with
-- sum(). Their own windows drop a repeated insert together with the table the
-- views read from (deduplicate_blocks_in_dependent_materialized_views).
CREATE TABLE IF NOT EXISTS {db}.events_hourly (
  hour DateTime('UTC'), type LowCardinality(String), currency LowCardinality(String),
  events UInt64, amount Decimal(38, 4)
) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY (hour, type, currency)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.events_to_hourly TO {db}.events_hourly AS
SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, type, currency,
  count() AS events, sum(toDecimal128(ifNull(amount, toDecimal64(0, 4)), 4)) AS amount
FROM {db}.events GROUP BY hour, type, currency
;
CREATE TABLE IF NOT EXISTS {db}.alerts_hourly (
  hour DateTime('UTC'), rule_id LowCardinality(String), severity LowCardinality(String), muted Bool,
  alerts UInt64, money_at_risk Decimal(38, 4)
) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY (hour, rule_id, severity, muted)
SETTINGS non_replicated_deduplication_window = 10000
;
-- An alert counts once, with the severity it was opened with.
CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.alerts_to_hourly TO {db}.alerts_hourly AS
SELECT toStartOfHour(toDateTime(opened_at, 'UTC')) AS hour, rule_id, severity, muted,
  count() AS alerts, sum(money_at_risk) AS money_at_risk
FROM {db}.alerts WHERE version = 1 GROUP BY hour, rule_id, severity, muted
;
CREATE TABLE IF NOT EXISTS {db}.decisions_hourly (
  hour DateTime('UTC'), outcome LowCardinality(String), `trigger` LowCardinality(String), currency LowCardinality(String), muted Bool,
  decisions UInt64, amount Decimal(38, 4)
) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY (hour, outcome, `trigger`, currency, muted)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.decisions_to_hourly TO {db}.decisions_hourly AS
SELECT toStartOfHour(toDateTime(decided_at, 'UTC')) AS hour, outcome, `trigger`, currency, muted,
  count() AS decisions, sum(toDecimal128(amount, 4)) AS amount
FROM {db}.decisions GROUP BY hour, outcome, `trigger`, currency, muted
;
CREATE TABLE IF NOT EXISTS {db}.scores_hourly (
  hour DateTime('UTC'), segment LowCardinality(String), class LowCardinality(String),
  changes UInt64, falls UInt64, score_sum UInt64
) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY (hour, segment, class)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.scores_to_hourly TO {db}.scores_hourly AS
SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, segment, class,
  count() AS changes, countIf(score < score_from) AS falls, sum(toUInt64(score)) AS score_sum
FROM {db}.score_changes GROUP BY hour, segment, class
;
CREATE OR REPLACE VIEW {db}.alerts_latest AS
SELECT *, JSONExtractRaw(view, 'explain') AS explain, JSONExtractRaw(view, 'reasons') AS reasons
FROM (SELECT * FROM {db}.alerts FINAL ORDER BY version DESC LIMIT 1 BY alert_id)
