-- Reads a CSV file, has a model fill typed columns, prints them. Run it in the root of the repository:
--   ./falaj model pull smollm2-135m-instruct     (about 100 MB, once)
--   ./falaj sql examples/sql/classify.sql        (add --json for one JSON object a row)
SET 'execution.runtime-mode' = 'batch';

CREATE TABLE reviews (id INT, body STRING)
WITH ('connector' = 'filesystem', 'path' = 'examples/sql/reviews', 'format' = 'csv');

CREATE MODEL judge
INPUT (body STRING)
OUTPUT (opinion STRING, stars INT, reason STRING, error STRING)
WITH (
  'provider' = 'falaj',
  'model' = 'smollm2-135m-instruct',
  'system-prompt' = 'You judge reviews of things that were bought. Answer in JSON.',
  'prompt-template' = 'Review: {{body}}',
  'temperature' = '0',
  'max-tokens' = '120',
  'fields.opinion.enum' = 'good;bad;neither',
  'fields.stars.minimum' = '1',
  'fields.stars.maximum' = '5',
  'fields.reason.max-length' = '80',
  'error-column' = 'error'
);

SELECT id, opinion, stars, reason, error
FROM ML_PREDICT(TABLE reviews, MODEL judge, DESCRIPTOR(body));
