/**
 * The Flink SQL model provider {@code falaj}: {@code CREATE MODEL} and {@code ML_PREDICT} over the
 * shared runtime. docs/SQL.md is for users.
 *
 * <p>{@link ai.falaj.operators.sql.FalajModelProviderFactory} is the way in. It checks everything
 * while the statement is planned: {@code SqlModelSpec} names the runtime, {@code PromptColumns}
 * says what the model is asked, {@code OutputColumns} what becomes of its answer. {@code
 * FalajPredictFunction} carries them to the TaskManagers; one {@code Prediction} is the life of one
 * row there.
 */
package ai.falaj.operators.sql;
