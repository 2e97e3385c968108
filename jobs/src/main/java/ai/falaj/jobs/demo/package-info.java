/**
 * {@code falaj demo}: starts what is needed, sends the example prompts, shows the completions while
 * they are written and sums up. {@link ai.falaj.jobs.demo.RequestTracker} knows what became of each
 * request, {@link ai.falaj.jobs.demo.DemoView} what is worth looking at; drawing is a pure function
 * of the latter's state.
 */
package ai.falaj.jobs.demo;
