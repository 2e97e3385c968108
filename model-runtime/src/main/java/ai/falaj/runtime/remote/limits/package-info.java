/**
 * How much may be asked of a server at once, how fast, and whether at all. Pure decisions: no
 * threads, no I/O, no clock of their own; callers pass the time. All classes are confined to the
 * thread of the runtime that owns them.
 */
package ai.falaj.runtime.remote.limits;
