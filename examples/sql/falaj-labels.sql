-- The most frequent labels of structured answers in a window of event time, of one group.
-- Addresses are those of the local stack. Times are in UTC.
CREATE TABLE falaj_labels (
  `row_key` STRING NOT NULL,
  `window` STRING NOT NULL,
  `window_start` TIMESTAMP(3) NOT NULL,
  `window_end` TIMESTAMP(3) NOT NULL,
  `grouping` STRING NOT NULL,
  `tenant` STRING,
  `model` STRING,
  `template` STRING,
  `closed` BOOLEAN NOT NULL,
  `occurrences` BIGINT NOT NULL,
  `distinct_labels` INT NOT NULL,
  `labels` ARRAY<ROW<`label` STRING NOT NULL, `count` BIGINT NOT NULL, `share` DOUBLE NOT NULL, `baseline` DOUBLE, `trend` STRING, `burst` BOOLEAN NOT NULL> NOT NULL> NOT NULL,
  `updated_at` TIMESTAMP(3) NOT NULL,
  PRIMARY KEY (`row_key`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'falaj.labels',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = 'http://localhost:8082/apis/ccompat/v7',
  'value.fields-include' = 'EXCEPT_KEY'
);
