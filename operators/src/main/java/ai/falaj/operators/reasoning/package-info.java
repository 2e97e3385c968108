/**
 * K2 Think's test-time recipe as stream operators: plan before you think, best of N, pairwise
 * selection. {@link ai.falaj.operators.reasoning.ReasoningPipeline} is the way in.
 */
package ai.falaj.operators.reasoning;
