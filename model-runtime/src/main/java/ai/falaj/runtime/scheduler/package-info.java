/**
 * Decides what the engine computes next. Pure: no threads, no native calls, no clock of its own.
 *
 * <p>{@link ai.falaj.runtime.scheduler.Scheduler#plan} looks at the sequences and returns an
 * immutable {@link ai.falaj.runtime.scheduler.StepPlan}; an engine executes it; {@link
 * ai.falaj.runtime.scheduler.Scheduler#apply} learns what came of it. Batches are formed anew for
 * every step (Orca, OSDI 2022) and long prompts are prefilled in chunks beside the decoding
 * sequences (Sarathi-Serve, OSDI 2024).
 */
package ai.falaj.runtime.scheduler;
