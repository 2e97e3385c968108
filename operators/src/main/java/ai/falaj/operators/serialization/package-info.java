/** Serializers of what flows between operators and of what checkpoints hold. */
package ai.falaj.operators.serialization;
