-- What became of dead letters that a person sent again: newest version wins.
-- `sending` is written, with the body, before the event leaves: an attempt cut
-- in the middle is finished with the same event, never with another.
CREATE TABLE IF NOT EXISTS {db}.redrives (
  letter_id String, version UInt32, state LowCardinality(String), actor String, at DateTime64(3, 'UTC'),
  source String, event_id String, edited Bool, body String CODEC(ZSTD(3)), answer String
) ENGINE = ReplacingMergeTree(version) ORDER BY letter_id
SETTINGS non_replicated_deduplication_window = 10000
;
ALTER TABLE {db}.dead_letters ADD INDEX IF NOT EXISTS by_id id TYPE bloom_filter(0.01) GRANULARITY 4
