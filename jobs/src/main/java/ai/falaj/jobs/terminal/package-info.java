/**
 * Text on a terminal: how wide it is, how it wraps, pictures that are redrawn in place. Values and
 * pure functions, but for {@link ai.falaj.jobs.terminal.Screen}, which owns the terminal.
 */
package ai.falaj.jobs.terminal;
