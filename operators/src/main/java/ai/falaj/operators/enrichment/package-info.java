/**
 * What enrichment does with prompts before they are asked: equal ones get one id, like ones meet.
 */
package ai.falaj.operators.enrichment;
