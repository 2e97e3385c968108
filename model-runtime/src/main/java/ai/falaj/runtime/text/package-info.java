/**
 * From token bytes to text on channels: whole code points, stop strings, reasoning and answer
 * apart.
 *
 * <p>Pure Java, no engine: every engine that shows its tokens' bytes uses these. Classes are
 * confined to the thread that drives the generation.
 */
package ai.falaj.runtime.text;
